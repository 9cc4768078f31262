import { type Document, isCollection, isMap, isNode, type LineCounter, visit, type YAMLParseError } from "yaml";

/** What is wrong with the text, and where. */
export interface BrokenText {
  readonly offset: number;
  readonly message: string;
}

/** A file that is no YAML, in words that name what it is about, at the place where a person mends it. */
export function brokenText(error: YAMLParseError, document: Document, lines: LineCounter): BrokenText {
  const [offset] = error.pos;
  const lineOf = (at: number): string => String(lines.linePos(at).line);
  if (error.code === "DUPLICATE_KEY") {
    const twice = sameKeys(document, offset);
    if (twice !== undefined)
      return { offset, message: `"${twice.key}" is there twice: line ${lineOf(twice.first)} has it already` };
  }
  const open = openBracket(document, error);
  if (open !== undefined) {
    const message = `the "${open.bracket}" here is never closed; line ${lineOf(offset)} goes on outside of it`;
    return { offset: open.offset, message };
  }
  return { offset, message: (error.message.split("\n")[0] ?? "").replace(/ at line.*$/, "") };
}

/** The key at this place, and where the same map has it before. */
function sameKeys(document: Document, offset: number): { readonly key: string; readonly first: number } | undefined {
  let found: { readonly key: string; readonly first: number } | undefined;
  visit(document, {
    Map: (_, map) => {
      const keys = map.items.flatMap(({ key }) =>
        isNode(key) && key.range ? [{ key: String(key), at: key.range[0] }] : [],
      );
      const here = keys.find(({ at }) => at === offset);
      const first = keys.find(({ key, at }) => key === here?.key && at < offset);
      if (first !== undefined) found = { key: first.key, first: first.at };
    },
  });
  return found;
}

/** yaml tells where it stopped; what is missing belongs to where the brackets began. */
function openBracket(
  document: Document,
  { message, pos: [offset] }: YAMLParseError,
): { readonly bracket: "[" | "{"; readonly offset: number } | undefined {
  if (!/^Flow (?:sequence|map) .*end with a [\]}]/.test(message)) return undefined;
  let open: { readonly bracket: "[" | "{"; readonly offset: number } | undefined;
  visit(document, {
    Collection: (_, node) => {
      if (isCollection(node) && node.flow === true && node.range && node.range[0] <= offset)
        open = { bracket: isMap(node) ? "{" : "[", offset: node.range[0] };
    },
  });
  return open;
}
