import type { FreezeResult } from "../../actions/freeze/result.ts";
import type { Config } from "../../config/config.ts";
import { authorText } from "../../ledger/author.ts";
import type { Paint, Render } from "../paint.ts";

/** Who froze what, why, and how to go on: which release comes next after a freeze, nobody has said. */
export function renderFreeze({ environments }: Pick<Config, "environments">): Render<FreezeResult> {
  return (result, paint) => {
    const { environment, freeze, frozen } = result;
    if (freeze === null) return [`${paint.good("✔")} ${environment} is not frozen`];
    const hosted = environments[environment]?.hosts !== undefined;
    const look = hosted ? [`threads status -e ${environment}`] : [];
    const next = frozen ? [`threads freeze -e ${environment} --lift`] : look;
    return [
      headline(result, paint),
      paint.dim(`  ${authorText(freeze.by)}, ${freeze.since}: ${freeze.reason}`),
      ...next.map((command) => `  next: ${paint.strong(command)}`),
    ];
  };
}

function headline({ environment, outcome }: FreezeResult, paint: Paint): string {
  const name = paint.strong(environment);
  if (outcome === "lifted") return `${paint.good("✔")} Lifted the freeze of ${name}`;
  if (outcome === "already-frozen") return `${paint.good("✔")} Frozen already: ${name}`;
  return `${paint.good("✔")} Froze ${name}: nothing is promoted or deployed to it; a rollback is always allowed`;
}
