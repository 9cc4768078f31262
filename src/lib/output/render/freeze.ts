import type { FreezeResult } from "../../actions/freeze/result.ts";
import type { Paint, Render } from "../paint.ts";

/** Who froze what, why, and how to go on. */
export const renderFreeze: Render<FreezeResult> = (result, paint) => {
  const { environment, freeze, frozen } = result;
  if (freeze === null) return [`${paint.good("✔")} ${environment} is not frozen`];
  const by = freeze.by.runUrl ?? `${freeze.by.user} on ${freeze.by.host}`;
  return [
    headline(result, paint),
    paint.dim(`  ${by}, ${freeze.since}: ${freeze.reason}`),
    `  next: ${paint.strong(frozen ? `threads freeze -e ${environment} --lift` : `threads deploy -e ${environment}`)}`,
  ];
};

function headline({ environment, outcome }: FreezeResult, paint: Paint): string {
  const name = paint.strong(environment);
  if (outcome === "lifted") return `${paint.good("✔")} Lifted the freeze of ${name}`;
  if (outcome === "already-frozen") return `${paint.good("✔")} Frozen already: ${name}`;
  return `${paint.good("✔")} Froze ${name}: nothing is promoted or deployed to it; a rollback is always allowed`;
}
