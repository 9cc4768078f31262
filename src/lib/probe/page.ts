import { type DefaultTreeAdapterTypes, parse } from "parse5";
import { type Asset, javascript, ownAssets, type Reference } from "./asset.ts";
import { srcsetUrls } from "./srcset.ts";
import { referencesOf } from "./stylesheet.ts";

type Element = DefaultTreeAdapterTypes.Element;
type Node = DefaultTreeAdapterTypes.Node;

/**
 * What a browser that runs scripts fetches of a page's own site to show it, each once, in the order of the page. Text that looks
 * like markup (in scripts, templates, text areas, noscript) is text.
 * @param page absolute URL that the browser would show; the site is its host
 */
export function assetsOf(html: string, page: string): Asset[] {
  const elements = [...elementsIn(parse(html))];
  const base = elements.find(({ tagName, attrs }) => tagName === "base" && attrs.some(({ name }) => name === "href"));
  const reference = base === undefined ? "" : (attributesOf(base)["href"] ?? "");
  const from = URL.canParse(reference, page) ? new URL(reference, page).href : page;
  return ownAssets(elements.flatMap(referencesIn), from, new URL(page).host);
}

function* elementsIn(node: Node): Generator<Element> {
  if ("tagName" in node) yield node;
  // The contents of a template stand apart, and are nothing until a script uses them; those of a shadow root are shown.
  if ("content" in node && attributesOf(node)["shadowrootmode"] !== undefined) yield* elementsIn(node.content);
  if ("childNodes" in node) for (const child of node.childNodes) yield* elementsIn(child);
}

type Attributes = Readonly<Record<string, string | undefined>>;

function attributesOf({ attrs }: Element): Attributes {
  return Object.fromEntries(attrs.map(({ name, value }) => [name, value]));
}

function referencesIn(element: Element): Reference[] {
  const attributes = attributesOf(element);
  const { style } = attributes;
  const own = (readers[element.tagName] ?? none)(attributes, element);
  return style === undefined ? own : [...own, ...referencesOf(`a{${style}}`)];
}

type Reader = (attributes: Attributes, element: Element) => Reference[];

const none: Reader = () => [];
const one = (kind: Asset["kind"], reference: string | undefined): Reference[] =>
  reference === undefined ? [] : [{ kind, reference }];
const set = (text: string | undefined): Reference[] => srcsetUrls(text ?? "").flatMap((url) => one("image", url));
const drawn: Reader = ({ href }, { namespaceURI }) => (namespaceURI.endsWith("/svg") ? one("image", href) : []);

const readers: Readonly<Record<string, Reader | undefined>> = {
  link: linkReferences,
  // A browser that knows modules passes over what is for those that do not.
  script: ({ src, type, nomodule }) => (runs(type) && nomodule === undefined ? one("script", src) : []),
  style: (_, element) => referencesOf(textOf(element)),
  img: ({ src, srcset }) => [...one("image", src), ...set(srcset)],
  source: ({ src, srcset }, { parentNode }) => (isPicture(parentNode) ? set(srcset) : one("media", src)),
  video: ({ src, poster }) => [...one("media", src), ...one("image", poster)],
  audio: ({ src }) => one("media", src),
  track: ({ src }) => one("file", src),
  embed: ({ src }) => one("file", src),
  object: ({ data }) => one("file", data),
  input: ({ type, src }) => (type?.toLowerCase() === "image" ? one("image", src) : []),
  image: drawn,
  use: drawn,
};

function runs(type: string | undefined): boolean {
  const named = (type ?? "").trim().toLowerCase();
  return named === "" || named === "module" || javascript.test(named);
}

function isPicture(node: Node | null): boolean {
  return node !== null && "tagName" in node && node.tagName === "picture";
}

function textOf({ childNodes }: Element): string {
  return childNodes.map((child) => ("value" in child ? child.value : "")).join("");
}

/** What `as` says of a preload. */
const preloaded: Readonly<Record<string, Asset["kind"] | undefined>> = {
  style: "stylesheet",
  script: "script",
  image: "image",
  font: "font",
  audio: "media",
  video: "media",
};

function linkReferences({ rel, href, type, as, imagesrcset, disabled }: Attributes): Reference[] {
  const words = (rel ?? "").toLowerCase().split(/\s+/);
  if (words.includes("stylesheet")) {
    const isCss = (type ?? "").trim() === "" || /^text\/css\b/i.test(type ?? "");
    return isCss && disabled === undefined ? one("stylesheet", href) : [];
  }
  if (words.includes("modulepreload")) return one("script", href);
  if (words.includes("preload")) {
    const kind = preloaded[(as ?? "").toLowerCase()] ?? "file";
    return [...one(kind, href), ...(kind === "image" ? set(imagesrcset) : [])];
  }
  if (words.includes("manifest")) return one("manifest", href);
  return words.some((word) => word.endsWith("icon")) ? one("image", href) : [];
}
