import type { ApproveResult } from "../../actions/approve/result.ts";
import { shortDigest } from "../../image/digest.ts";
import { nextLines } from "../next.ts";
import type { Paint, Render } from "../paint.ts";

/** Who said what of which release. */
export const renderApprove: Render<ApproveResult> = (result, paint) => [
  headline(result, paint),
  paint.dim(`  ${result.says}; bundle ${shortDigest(result.bundle)}`),
  ...(result.comment === null ? [] : [`  ${result.comment}`]),
  ...nextLines(result, paint),
];

function headline({ outcome, word, principal, environment, revision }: ApproveResult, paint: Paint): string {
  const what = `${paint.strong(revision)} for ${environment}`;
  const did = { approved: "has approved", rejected: "has rejected", withdrawn: "has taken back what it said of" };
  if (outcome === "nothing-to-withdraw") return `${principal} has nothing of that kind to take back: ${what}`;
  if (outcome === "planned") return `Would write down that ${principal} ${did[word ?? "withdrawn"]} ${what}`;
  const already = outcome === "already" ? " already" : "";
  return `${paint.good("✔")} ${principal} ${did[word ?? "withdrawn"]} ${what}${already}`;
}
