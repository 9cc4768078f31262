import type { HelpResult } from "../../actions/help/result.ts";
import type { Render } from "../paint.ts";
import { fileLines } from "../wrap.ts";
import { renderMarkdown } from "./markdown.ts";

/** A subject for the terminal that it is read on, or as it stands; a schema as JSON. */
export const renderHelp: Render<HelpResult> = ({ text, schema }, paint, columns) => {
  if (schema !== null) return fileLines(JSON.stringify(schema, undefined, 2), columns);
  const lines = (text ?? "").trimEnd();
  return columns === undefined ? lines.split("\n") : renderMarkdown(lines, paint, columns);
};
