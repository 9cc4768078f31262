import { freezeText } from "../ledger/freeze.ts";
import type { GateFacts } from "./gate-facts.ts";
import { blocked, passed, type GateVerdict } from "./verdict.ts";

/** Whether somebody has stopped the line: the one gate that can be judged without a release. */
export function judgeFreeze({ environment: { name }, freeze }: Pick<GateFacts, "environment" | "freeze">): GateVerdict {
  if (freeze === undefined) return passed(`${name} is not frozen`);
  return blocked(freezeText(name, freeze), `threads freeze -e ${name} --lift`);
}
