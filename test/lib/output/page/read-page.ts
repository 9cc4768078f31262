import { type DefaultTreeAdapterMap, parse } from "parse5";

type Node = DefaultTreeAdapterMap["node"];
export type Element = DefaultTreeAdapterMap["element"];

function elementsOf(node: Node): Element[] {
  const below = "childNodes" in node ? node.childNodes.flatMap(elementsOf) : [];
  return "tagName" in node ? [node, ...below] : below;
}

export function textOf(node: Node): string {
  return "value" in node ? node.value : "childNodes" in node ? node.childNodes.map(textOf).join("") : "";
}

/** A page as a browser reads it. */
export function readPage(page: string) {
  const faults: string[] = [];
  const document = parse(page, { onParseError: ({ code }) => faults.push(code) });
  const elements = elementsOf(document);
  const of = (tag: string, name = ""): Element[] =>
    elements.filter((one) => one.tagName === tag && (name === "" || attribute(one, "class") === name));
  const texts = (tag: string, name = ""): string[] =>
    of(tag, name).map((one) => textOf(one).replaceAll(/\s+/g, " ").trim());
  /** What of it would run, or be fetched before anybody clicks. */
  const restless = elements.flatMap(({ tagName, attrs }) => [
    ...(["script", "link", "img", "iframe", "object"].includes(tagName) ? [tagName] : []),
    ...attrs.flatMap(({ name }) =>
      ["src", "srcset", "action"].includes(name) || name.startsWith("on") || (name === "href" && tagName !== "a")
        ? [`${tagName} ${name}`]
        : [],
    ),
  ]);
  return { elements, faults, of, texts, restless };
}

export const attribute = ({ attrs }: Element, name: string): string | undefined =>
  attrs.find((one) => one.name === name)?.value;

/** Whether it is in the drawing for a desk, of two. */
export const isWide = (one: Element): boolean => attribute(one.parentNode as Element, "class") === "wide";
