import type { Deployment } from "../../ledger/ledger.ts";
import { resultOf } from "../../ledger/standing.ts";

/** A release that was brought to hosts which did not run it before, and what became of it. Times in milliseconds since the epoch, by the server's clock. */
export interface Change {
  readonly revision: string;
  readonly beganAt: number;
  /** When all hosts ran it; undefined where they never did. */
  readonly servedAt: number | undefined;
  /** What ran before; undefined where nothing did. */
  readonly before: string | undefined;
  /** Undefined where it went well, and nobody has taken it back. */
  readonly failure: Failure | undefined;
}

export interface Failure {
  readonly from: number;
  /** When all hosts ran one release again; undefined where that has not come yet. */
  readonly until: number | undefined;
}

/**
 * The changes among an environment's deployments, oldest first. One that ended before it had switched anything is none, nor
 * one that is still under way or waits for a person.
 * @param newestFirst its deployments. @param now as in DeploymentLog.serverTime
 */
export function changesAmong(newestFirst: readonly Deployment[], now: number): readonly Change[] {
  const undone = new Map(
    newestFirst.flatMap((one): [number, Deployment][] =>
      one.intent.rollbackOf !== undefined && isSuccess(one) ? [[one.intent.rollbackOf, one]] : [],
    ),
  );
  const changes: Change[] = [];
  let runs: Deployment["intent"] | undefined;
  for (const [index, one] of newestFirst.toReversed().entries()) {
    const { kind, bundle, revision, number } = one.intent;
    const result = resultOf(one, now, newestFirst);
    const isChange = kind === "deploy" && bundle.digest !== runs?.bundle.digest && !open.has(result);
    if (isChange) {
      const later = newestFirst.slice(0, newestFirst.length - 1 - index);
      const by = undone.get(number);
      changes.push({
        revision,
        beganAt: beganAt(one),
        servedAt: isSuccess(one) ? endedAt(one) : undefined,
        before: runs?.revision,
        failure: isSuccess(one) ? by && { from: endedAt(one), until: endedAt(by) } : failureOf(one, later),
      });
    }
    if (isSuccess(one)) runs = one.intent;
  }
  return changes;
}

/** Results of what has changed nothing on hosts, or may still do so. */
const open: ReadonlySet<string> = new Set(["failed", "running", "paused"]);

const isSuccess = ({ outcome }: Deployment): boolean => outcome?.result === "succeeded";

/** Hosts that all went back were one again by its end; otherwise the next success made them so. @param later newest first */
function failureOf(one: Deployment, later: readonly Deployment[]): Failure {
  const mended = one.outcome?.result === "rolled-back" ? one : later.findLast(isSuccess);
  return { from: beganAt(one), until: mended && endedAt(mended) };
}

function beganAt({ intent, recordedAt }: Deployment): number {
  return Date.parse(recordedAt ?? intent.startedAt);
}

function endedAt(one: Deployment): number {
  return Date.parse(one.endedAt ?? one.outcome?.finishedAt ?? one.intent.startedAt);
}
