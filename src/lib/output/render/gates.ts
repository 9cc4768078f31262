import type { Gate, GatesResult, GateState } from "../../gates/result.ts";
import { nextLines } from "../next.ts";
import type { Paint, Render } from "../paint.ts";
import { table } from "../table.ts";

/** A line for each gate, and under those that are shut what opens them. */
export const renderGates: Render<GatesResult> = (result, paint, columns) => {
  const { outcome, revision, environment, gates } = result;
  const what = `${paint.strong(revision)} to ${environment}`;
  return [
    outcome === "open"
      ? `${paint.good("✔")} Every gate is open: ${what}`
      : `${paint.bad("✖")} Not every gate is open: ${what}`,
    paint.dim(`  ${result.says}`),
    ...gateLines(gates, paint, columns),
    // What opens a gate is told beside it.
    ...(outcome === "shut" ? [] : nextLines(result, paint)),
  ];
};

/** The gates as `threads gates` and the plan of `threads promote` show them. */
export function gateLines(gates: readonly Gate[], paint: Paint, columns?: number): string[] {
  const cells = gates.map(({ gate, state, says }) => [`  ${gate}`, painted(state, paint), says]);
  const rows = table(cells, { columns, leave: [] });
  return gates.flatMap((gate, index) => [
    rows[index] ?? "",
    ...(gate.opensBy === null || gate.opensBy === "time" ? [] : [`      opens by ${gate.opensBy}`]),
    ...(gate.policy === null ? [] : [`      ${gate.policy}`]),
    ...(gate.reason === null ? [] : [`      because ${gate.reason}`]),
    ...[...gate.next, ...gate.advice].map((text) => `      ${paint.dim("→")} ${text}`),
  ]);
}

function painted(state: GateState, paint: Paint): string {
  if (state === "passed") return paint.good(state);
  if (state === "not-configured") return paint.dim("not configured");
  return state === "blocked" ? paint.bad(state) : paint.warn(state);
}
