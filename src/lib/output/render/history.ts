import type { HistoryResult, PastDeployment } from "../../actions/history/result.ts";
import { authorText } from "../../ledger/author.ts";
import { shortRevision } from "../../release/revision.ts";
import { ago, took } from "../../text/words.ts";
import type { Paint, Render } from "../paint.ts";
import { table } from "../table.ts";

/** A line for each deployment, newest first. */
export const renderHistory: Render<HistoryResult> = (result, paint) => {
  if (result.total === 0) return [`nothing was ever deployed to ${result.environment}`];
  const now = Date.parse(result.at);
  const heading = ["#", "when", "what", "release", "result", "took", "by", "hosts"].map((word) => paint.dim(word));
  const rows = result.deployments.map((one) => [
    String(one.number),
    ago(now - Date.parse(one.startedAt)),
    what(one),
    shortRevision(one.revision),
    painted(one, paint),
    one.finishedAt === undefined ? "" : took(Date.parse(one.finishedAt) - Date.parse(one.startedAt)),
    authorText(one.by),
    hosts(one),
  ]);
  const more = result.total - result.deployments.length;
  return [...table([heading, ...rows]), ...(more > 0 ? [paint.dim(`${more} older, see --limit`)] : [])];
};

function what({ kind, rollbackOf, supersedes }: PastDeployment): string {
  const of = rollbackOf === undefined ? "" : ` of ${rollbackOf}`;
  return `${kind}${of}${supersedes === undefined ? "" : ` over ${supersedes}`}`;
}

function painted({ result }: PastDeployment, paint: Paint): string {
  if (result === "succeeded") return paint.good(result);
  return result === "running" ? paint.warn(result) : paint.bad(result);
}

/** All alike in a word, otherwise each state with its number. */
function hosts({ hosts: all, result }: PastDeployment): string {
  if (result === "running" || result === "succeeded" || result === "lost") return String(all.length);
  const counts = new Map<string, number>();
  for (const { state } of all) counts.set(state, (counts.get(state) ?? 0) + 1);
  return [...counts].map(([state, count]) => `${count} ${state}`).join(", ");
}
