import type { PruneResult } from "../../actions/prune/result.ts";
import { count } from "../../text/words.ts";
import { nextLines } from "../next.ts";
import type { Paint, Render } from "../paint.ts";

/** What went, or would go, a line each. */
export const renderPrune: Render<PruneResult> = (result, paint) => {
  const { outcome, stacks, images, folders, failed } = result;
  if (outcome === "nothing-to-prune") return [`${paint.good("✔")} Killed runs have left nothing on this machine`];
  const all = [
    ...stacks.map((name) => `stack ${name}`),
    ...images.map((name) => `image ${name}`),
    ...folders.map((path) => `folder ${path}`),
  ];
  return [
    headline(result, all.length, paint),
    ...all.map((line) => paint.dim(`  ${line}`)),
    ...failed.map(({ what, says }) => paint.bad(`  ${what} is still there: ${says}`)),
    ...nextLines(result, paint),
  ];
};

function headline({ outcome, failed }: PruneResult, found: number, paint: Paint): string {
  if (outcome === "planned") return `Would remove ${count(found, "leftover")} of killed runs`;
  if (outcome === "pruned") return `${paint.good("✔")} Removed ${count(found, "leftover")} of killed runs`;
  return `${paint.bad("✖")} Removed ${found - failed.length} of ${count(found, "leftover")} of killed runs`;
}
