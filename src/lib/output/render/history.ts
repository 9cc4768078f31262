import type { CompactResult, HistoryResult, PastDeployment } from "../../actions/history/result.ts";
import { authorText } from "../../ledger/author.ts";
import { shortRevision } from "../../release/revision.ts";
import { count, list, took } from "../../text/words.ts";
import { moment } from "../moment.ts";
import type { Paint, Render } from "../paint.ts";
import { table } from "../table.ts";
import { resultText } from "./result-text.ts";

/** A line for each deployment, newest first. */
export const renderHistory: Render<HistoryResult> = (result, paint, columns) => {
  const { environment, before } = result;
  if (result.deployments.length === 0)
    return [
      before === null ? `nothing was ever deployed to ${environment}` : `${environment} has nothing before ${before}`,
    ];
  const now = Date.parse(result.observedAt);
  const heading = ["#", "when", "what", "release", "result", "took", "by", "hosts"].map((word) => paint.dim(word));
  const rows = result.deployments.map((one) => [
    String(one.number),
    moment(one.startedAt, now),
    what(one),
    shortRevision(one.revision),
    painted(one, paint),
    one.finishedAt === null ? "" : took(Date.parse(one.finishedAt) - Date.parse(one.startedAt)),
    authorText(one.by),
    hosts(one),
  ]);
  return [
    ...table([heading, ...rows], { columns, leave: [5, 6, 7, 1], least: "superseded by".length }),
    ...result.next.map((command) => paint.dim(`older: ${command}`)),
  ];
};

/** What was folded, and what became free. */
export const renderCompact: Render<CompactResult> = (result, paint) => {
  const { environment, outcome, deployments, execs, records, freed, stoppedBy, next } = result;
  const folded = [...some(deployments, "deployment"), ...some(execs, "command")];
  const why = stoppedBy === null ? [] : [paint.warn(`${stoppedBy} is not a record: nothing newer is folded`)];
  const said =
    outcome === "nothing-to-compact"
      ? `${environment} has nothing to fold: what is of the last year stays, and what a rollback needs`
      : `${outcome === "planned" ? "would fold" : "folded"} ${list(folded)} of ${environment} into ${count(records, "record")}: ${count(freed, "parameter")} fewer`;
  return [said, ...why, ...next.map((command) => `next: ${paint.strong(command)}`)];
};

function some(number: number, noun: string): string[] {
  return number === 0 ? [] : [count(number, noun)];
}

function what({ kind, rollbackOf, supersedes, liftsHold }: PastDeployment): string {
  const of = rollbackOf === null ? "" : ` of ${rollbackOf}`;
  const lifts = liftsHold === null ? "" : `, lifts ${liftsHold}`;
  return `${kind}${of}${supersedes === null ? "" : ` over ${supersedes}`}${lifts}`;
}

function painted({ result, supersededBy }: PastDeployment, paint: Paint): string {
  if (result === "superseded") return paint.warn(`superseded by #${supersededBy ?? ""}`);
  return resultText(result, paint);
}

/** All alike in a number, otherwise each state with its number; and how many it went on without. */
function hosts({ states, result, leftOut, finishedAt }: PastDeployment): string {
  // Once it has ended, those are among the untouched.
  const without = finishedAt === null ? 0 : leftOut.length;
  const counts = Object.entries({ ...states, untouched: (states.untouched ?? 0) - without }).filter(
    ([, number]) => number > 0,
  );
  const isAlike = result === "running" || result === "succeeded" || result === "lost" || result === "superseded";
  const own = isAlike
    ? [String(counts.reduce((sum, [, number]) => sum + number, 0))]
    : counts.map(([state, number]) => `${number} ${state}`);
  return [...own, ...(leftOut.length === 0 ? [] : [`without ${leftOut.length}`])].join(", ");
}
