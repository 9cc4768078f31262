import type { ConfigResult, ConfigValue } from "../../actions/config/run.ts";
import { nextLines } from "../next.ts";
import type { Paint, Render } from "../paint.ts";
import { table } from "../table.ts";

/** A line a value, behind where it is from; what nobody wrote is dim. */
export const renderConfig: Render<ConfigResult> = (result, paint, columns) => [
  ...valueLines(result, paint, columns),
  ...nextLines(result, paint),
];

const valueLines: Render<ConfigResult> = ({ file, fileFrom, values }, paint, columns) => [
  `${paint.strong(file)}${paint.dim(namedBy[fileFrom])}`,
  ...table(
    values.map((one) => row(one, paint)),
    { columns, leave: [] },
  ),
];

const namedBy = { flag: "  --config", environment: "  THREADS_CONFIG", search: "" } as const;

function row({ key, value, from, where }: ConfigValue, paint: Paint): string[] {
  const text = typeof value === "string" ? value : JSON.stringify(value);
  const origin = from === "file" ? `line ${where}` : from === "environment" ? String(where) : "default";
  return [`  ${key}`, paint.dim(origin), from === "default" ? paint.dim(text) : text];
}
