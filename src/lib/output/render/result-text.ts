import type { ShownResult } from "../../ledger/standing.ts";
import type { Paint } from "../paint.ts";

/** A deployment's result as lists show it. */
export function resultText(result: ShownResult, paint: Paint): string {
  if (result === "succeeded") return paint.good(result);
  return result === "running" || result === "superseded" || result === "paused"
    ? paint.warn(result)
    : paint.bad(result);
}
