import { type Document, isMap, type LineCounter, parseDocument } from "yaml";

/** The nodes of a threads.yml, with their places. `checks`, which stood below `smoke` at first, is where it belongs. */
export function readYaml(text: string, lineCounter: LineCounter): Document.Parsed {
  const document = parseDocument(text, { lineCounter });
  const { contents } = document;
  const smoke = isMap(contents) ? contents.get("smoke") : undefined;
  const older = isMap(smoke) ? smoke.get("checks", true) : undefined;
  if (older !== undefined && !document.has("checks")) {
    document.set("checks", older);
    document.deleteIn(["smoke", "checks"]);
  }
  return document;
}
