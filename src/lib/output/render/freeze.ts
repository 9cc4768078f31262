import type { FreezeResult } from "../../actions/freeze/result.ts";
import { authorText } from "../../ledger/author.ts";
import { dated } from "../../text/words.ts";
import { nextLines } from "../next.ts";
import type { Paint, Render } from "../paint.ts";

const what = "nothing is promoted or deployed to it; a rollback is always allowed";

/** Who froze what, why, and how to go on. */
export const renderFreeze: Render<FreezeResult> = (result, paint) => {
  const { environment, freeze, outcome } = result;
  if (outcome === "planned" && freeze === null)
    return [`Would freeze ${paint.strong(environment)}: ${what}`, ...nextLines(result, paint)];
  if (freeze === null) return [`${paint.good("✔")} ${environment} is not frozen`];
  return [
    headline(result, paint),
    paint.dim(`  ${authorText(freeze.by)}, ${dated(freeze.frozenAt)}: ${freeze.reason}`),
    ...nextLines(result, paint),
  ];
};

function headline({ environment, outcome }: FreezeResult, paint: Paint): string {
  const name = paint.strong(environment);
  if (outcome === "planned") return `Would lift the freeze of ${name}`;
  if (outcome === "lifted") return `${paint.good("✔")} Lifted the freeze of ${name}`;
  if (outcome === "already-frozen") return `${paint.good("✔")} Frozen already: ${name}`;
  return `${paint.good("✔")} Froze ${name}: ${what}`;
}
