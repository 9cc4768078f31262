import type { InitResult } from "../../actions/init/result.ts";
import { nextLines } from "../next.ts";
import type { Render } from "../paint.ts";
import { table } from "../table.ts";
import { fileLines } from "../wrap.ts";

/** What was found and why; what was written, or the text of it where nothing was. */
export const renderInit: Render<InitResult> = (result, paint, columns) => [
  ...table(
    result.found.map(({ key, value, because }) => [`  ${key}`, paint.strong(value), paint.dim(because)]),
    { columns, leave: [] },
  ),
  "",
  ...(result.outcome === "planned"
    ? result.files.flatMap(({ path, text }) => [paint.dim(`# ${path}`), ...fileLines(text, columns), ""])
    : result.files.map(({ path, state }) => `${paint.good("✔")} ${path}${state === "replaced" ? " (replaced)" : ""}`)),
  ...nextLines(result, paint),
];
