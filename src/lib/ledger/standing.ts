import { type Hold, holdOf } from "./hold.ts";
import type { DeploymentLog, Deployment, DeploymentResult, Intent, RecordedRelease } from "./ledger.ts";
import { mayDiffer } from "./may-differ.ts";

/** What an environment's ledger says, as of a moment. */
export interface Standing {
  /** The newest deployment, whatever came of it. */
  readonly latest: Deployment | undefined;
  /** The deployment whose release every host should run: the last that succeeded. */
  readonly current: Intent | undefined;
  /** The release below the current one; a rollback goes there. */
  readonly previous: Intent | undefined;
  /** An intent without outcome, still within its deadline: somebody is deploying. */
  readonly underWay: Intent | undefined;
  /** The newest deployment since that success that may have left hosts that differ: interrupted, partial, or never ended. */
  readonly unsettled: Deployment | undefined;
  /** Those before it of which the same is true, newest first: it may not have come to their hosts yet. */
  readonly unsettledBefore: readonly Deployment[];
  /** Those since that success that every host went back from: the database may have what they brought all the same. */
  readonly tried: readonly Deployment[];
  /** What the last rollback keeps every other release out with, also one that has not come to its end; undefined where none does. */
  readonly hold: Hold | undefined;
}

/** @param deployments newest first. @param now milliseconds since the epoch, by the server's clock: DeploymentLog.serverTime */
export function standing(deployments: readonly Deployment[], now: number): Standing {
  const latest = deployments[0];
  const stack = succeeded(deployments, { isWhole: true });
  const current = stack.at(-1);
  const since = sinceSuccess(deployments);
  const [unsettled, ...unsettledBefore] = since.filter((one) => mayDiffer(one) && !isTakenBack(one, since));
  return {
    latest,
    current,
    previous: stack.findLast((intent) => intent.bundle.digest !== current?.bundle.digest),
    underWay: latest !== undefined && isRunning(latest, now) ? latest.intent : undefined,
    unsettled,
    unsettledBefore,
    tried: sinceSuccess(deployments).filter((one) => !mayDiffer(one) && mayHaveMigrated(one)),
    hold: holdOf(deployments),
  };
}

/**
 * Whether older deployments change nothing of an environment's standing. What lies under a rollback to a release that was not
 * read is not known: only what came on top of it counts.
 */
export function saysStanding({ deployments }: Pick<DeploymentLog, "deployments">): boolean {
  const known = succeeded(deployments, { isWhole: false });
  return known.some(({ bundle }) => bundle.digest !== known.at(-1)?.bundle.digest);
}

function sinceSuccess(newestFirst: readonly Deployment[]): readonly Deployment[] {
  const success = newestFirst.findIndex(({ outcome }) => outcome?.result === "succeeded");
  return success < 0 ? newestFirst : newestFirst.slice(0, success);
}

/**
 * An application on ECS, which is one member, goes back whole where what goes on with a deployment fails: to what it ran before the
 * first of them.
 */
function isTakenBack({ intent }: Deployment, since: readonly Deployment[]): boolean {
  return since.some(
    ({ intent: later, outcome }) =>
      later.number > intent.number &&
      later.bundle.digest === intent.bundle.digest &&
      outcome?.result === "rolled-back" &&
      outcome.hosts.every(({ id }) => id.startsWith("ecs:")),
  );
}

/** superseded: another one took it over before it wrote its end. lost: it never wrote that, and its time is over. */
export type ShownResult = DeploymentResult | "running" | "superseded" | "lost";

/** A deployment's result in a word, by the server's clock. @param deployments of the same environment, as far as they are known */
export function resultOf(deployment: Deployment, now: number, deployments: readonly Deployment[] = []): ShownResult {
  if (deployment.outcome !== undefined) return deployment.outcome.result;
  if (supersededBy(deployment, deployments) !== undefined) return "superseded";
  return isRunning(deployment, now) ? "running" : "lost";
}

/** The number of the deployment that took this one over with --supersede. */
export function supersededBy({ intent }: Deployment, deployments: readonly Deployment[]): number | undefined {
  return deployments.find((other) => other.intent.supersedes === intent.number)?.intent.number;
}

/** What an intent says by its author's clock is a length of time; it is counted from when the server wrote it down. */
function isRunning({ intent, outcome, recordedAt }: Deployment, now: number): boolean {
  const lasts = Date.parse(intent.deadline) - Date.parse(intent.startedAt);
  return outcome === undefined && Date.parse(recordedAt ?? intent.startedAt) + lasts > now;
}

/** One that ended on its first host says whether it came to that; of one that hosts went back from nobody knows. */
function mayHaveMigrated({ outcome }: Deployment): boolean {
  return outcome?.result === "rolled-back" || outcome?.timings?.["migrate"] !== undefined;
}

/**
 * The releases that lie under each other: a deploy puts one on top, a rollback takes off what it undid. So a second
 * rollback goes further back, never forward to the release that the first one left.
 */
function succeeded(newestFirst: readonly Deployment[], { isWhole }: { readonly isWhole: boolean }): Intent[] {
  const stack: Intent[] = [];
  for (const { intent, outcome } of newestFirst.toReversed()) {
    if (outcome?.result !== "succeeded") continue;
    if (intent.kind === "rollback") {
      const target = stack.findLastIndex((below) => below.bundle.digest === intent.bundle.digest);
      if (target >= 0 || !isWhole) stack.length = Math.max(0, target);
    }
    stack.push(intent);
  }
  return stack;
}

/** Every release that was brought to all hosts, by its last deployment, newest first. */
export function releases(newestFirst: readonly Deployment[]): readonly Intent[] {
  const byBundle = new Map<string, Intent>();
  for (const { intent, outcome } of newestFirst)
    if (outcome?.result === "succeeded" && !byBundle.has(intent.bundle.digest))
      byBundle.set(intent.bundle.digest, intent);
  return [...byBundle.values()];
}

/** The release of a record, without the circumstances. */
export function releaseOf(intent: Intent): RecordedRelease {
  const { revision, tree, bundle, images, edge } = intent;
  return { revision, tree, bundle, images, ...(edge !== undefined && { edge }) };
}
