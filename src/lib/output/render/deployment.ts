import type { DeploymentDetail, PastPromotion } from "../../actions/history/result.ts";
import { isDigest, shortDigest } from "../../image/digest.ts";
import { authorText } from "../../ledger/author.ts";
import { shortRevision } from "../../release/revision.ts";
import { took } from "../../text/words.ts";
import { moment } from "../moment.ts";
import { nextLines } from "../next.ts";
import type { Paint, Render } from "../paint.ts";
import { table } from "../table.ts";
import { madeLines } from "./environment.ts";
import { taskLines, timingLine, trafficLines } from "./measured.ts";
import { resultText } from "./result-text.ts";

/** One deployment: what, who, when, how it ended on each host, why, and what came of it. */
export const renderDeployment: Render<DeploymentDetail> = (result, paint, columns) => {
  const { environment, deployment, observedAt } = result;
  const { number, kind, revision, by, startedAt, finishedAt, reason, rollbackOf } = deployment;
  const now = Date.parse(observedAt);
  const lasted = finishedAt === null ? "" : `, took ${took(Date.parse(finishedAt) - Date.parse(startedAt))}`;
  const of = rollbackOf === null ? "" : ` of #${rollbackOf}`;
  return [
    `${paint.strong(`${environment} #${number}`)}  ${kind}${of}  ${paint.strong(shortRevision(revision))}  ${resultText(deployment.result, paint)}`,
    `  ${moment(startedAt, now)} by ${authorText(by)}${lasted}`,
    ...(reason === null ? [] : [`  because ${reason}`]),
    ...(result.endedBy === null ? [] : [paint.warn(`  its end was written by ${result.endedBy}`)]),
    ...relations(result),
    ...causeLines(result, paint),
    ...hostLines(result, paint, columns),
    ...[...trafficLines(deployment.hosts, paint), ...taskLines(deployment.hosts, paint)].map((line) => `  ${line}`),
    ...timingLine(result.timings, paint),
    ...Object.entries(result.images).map(([service, digest]) => paint.dim(`  ${service} ${short(digest)}`)),
    ...madeLines(result.environmentMade, paint),
    ...result.promotions.flatMap((promotion) => promotionLines(promotion, now)),
    ...(deployment.folded ? [paint.dim("  folded: its hosts and images are not kept")] : []),
    ...(result.log === null ? [] : [paint.dim(`  log on each host: ${result.log}`)]),
    ...nextLines(result, paint),
  ];
};

function relations({ deployment, rolledBackBy }: DeploymentDetail): string[] {
  const { supersedes, supersededBy, liftsHold } = deployment;
  return [
    ...(liftsHold === null ? [] : [`  lifts the hold of #${liftsHold}`]),
    ...(supersedes === null ? [] : [`  took over #${supersedes}, which had not ended`]),
    ...(supersededBy === null ? [] : [`  was taken over by #${supersededBy}`]),
    ...(rolledBackBy === null ? [] : [`  was rolled back by #${rolledBackBy}`]),
  ];
}

function causeLines({ cause }: DeploymentDetail, paint: Paint): string[] {
  if (cause === null) return [];
  const { message, code, host, step } = cause;
  const at = [...(host === null ? [] : [`at ${host}`]), ...(step === null ? [] : [`in step ${step}`])].join(", ");
  return [`  ${paint.bad(message)} ${paint.dim(`[${code}]`)}`, ...(at === "" ? [] : [paint.dim(`  ${at}`)])];
}

const states = {
  new: "runs the release",
  old: "runs what it ran before",
  both: "gives both a part of the requests",
  unknown: "nobody knows what it runs",
  untouched: "was not begun",
} as const;

/** Of what is folded the hosts have no names any more; of what has not ended nobody has written down how they are. */
function hostLines({ deployment }: DeploymentDetail, paint: Paint, columns: number | undefined): string[] {
  const hasEnded = deployment.finishedAt !== null;
  return table(
    deployment.hosts.map(({ id, state }) => [
      `  ${id}`,
      deployment.leftOut.includes(id) ? "was left out" : hasEnded ? states[state] : paint.dim("not written down"),
    ]),
    { columns, leave: [] },
  );
}

function promotionLines({ promotedAt, by, tags, overrides }: PastPromotion, now: number): string[] {
  return [
    `  promoted ${moment(promotedAt, now)} by ${authorText(by)} as ${tags.join(", ")}`,
    ...overrides.map(({ gate, reason }) => `    ${gate} was overridden: ${reason}`),
  ];
}

function short(digest: string): string {
  return isDigest(digest) ? shortDigest(digest) : digest;
}
