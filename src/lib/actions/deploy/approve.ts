import { weightsText } from "../../config/pace.ts";
import { ThreadsError } from "../../errors/threads-error.ts";
import { approveText } from "../../fleet/step-text.ts";
import type { Observed } from "../../fleet/target.ts";
import type { RolloutResult } from "../../fleet/result.ts";
import { reached } from "../../fleet/weights-fit.ts";
import type { Deployment, DeploymentLog, Intent, RecordedRelease } from "../../ledger/ledger.ts";
import { authorText } from "../../ledger/author.ts";
import type { Lease } from "../../ledger/lease.ts";
import { shortRevision } from "../../release/revision.ts";

/** A step that somebody approves, of the deployment that waits for it. */
export interface Approval {
  readonly environment: string;
  /** From 1 on. */
  readonly step: number;
}

/** That a step was begun before: whoever approves it a second time changes nothing. */
export interface Behind {
  readonly intent: Intent;
  readonly says: string;
  readonly next: readonly string[];
}

/**
 * The ledger's word on a step that is approved, before any host is asked.
 * @returns that it is behind already; undefined where it may be next. @throws ThreadsError WEIGHTS_STEP (refused)
 */
export function judgeApproval(
  { environment, step }: Approval,
  { deployments }: Pick<DeploymentLog, "deployments">,
  lease: Lease | undefined,
): Behind | undefined {
  const [latest] = deployments;
  const weights = latest?.intent.weights;
  if (latest === undefined || weights === undefined) throw nothingWaits(environment, latest);
  const { intent, outcome } = latest;
  if (step > weights.steps.length) throw wrongStep({ environment, step }, intent, lastOf(latest));
  if (outcome?.result === "succeeded")
    return behind({ environment, step }, intent, { at: weights.steps.length, isDone: true, isPaused: false });
  if (outcome?.result === "rolled-back" || outcome?.result === "failed") throw nothingWaits(environment, latest);
  const at = lastOf(latest);
  const isPaused = outcome?.result === "paused";
  const isAtWork = lease?.state === "alive" && lease.number === intent.number;
  if (step < at || (step === at && (isPaused || isAtWork)))
    return behind({ environment, step }, intent, { at, isDone: false, isPaused });
  return undefined;
}

/** The last step that a deployment is known to have begun. */
function lastOf({ intent, outcome }: Deployment): number {
  return outcome?.weighed?.at(-1)?.step ?? intent.weights?.from ?? 0;
}

interface Found {
  readonly release: RecordedRelease;
  readonly observed: readonly Pick<Observed, "summary">[];
}

/** A step that is approved has to be the next one by the hosts' word, too: whoever was killed has not written how far it came. */
export function behindHosts(
  {
    step,
    environment,
    resumes,
  }: { readonly step: number | undefined; readonly environment: string; readonly resumes: Intent | undefined },
  { release, observed }: Found,
): Behind | undefined {
  if (step === undefined || resumes === undefined) return undefined;
  const hosts = observed.map(({ summary }) => ({
    stays: summary?.current?.bundle === release.bundle.digest,
    weighed: summary?.weighed,
  }));
  const at = Math.max(resumes.weights?.from ?? 0, reached({ release, hosts }, resumes.weights?.steps ?? []));
  return requireNext({ environment, step }, resumes, at);
}

/**
 * One that was begun by somebody who is gone is gone on with: it was approved then.
 * @param at where the hosts are: the last step that was begun. @throws ThreadsError WEIGHTS_STEP (refused)
 */
function requireNext({ environment, step }: Approval, intent: Intent, at: number): Behind | undefined {
  if (step < at) return behind({ environment, step }, intent, { at, isDone: false, isPaused: false });
  if (step > at + 1) throw wrongStep({ environment, step }, intent, at);
  return undefined;
}

interface At {
  readonly at: number;
  readonly isDone: boolean;
  readonly isPaused: boolean;
}

function behind({ environment, step }: Approval, intent: Intent, { at, isDone, isPaused }: At): Behind {
  const { steps = [] } = intent.weights ?? {};
  const short = shortRevision(intent.revision);
  const now = isDone
    ? `every request of ${environment} goes to ${short}`
    : `step ${at} of ${weightsText(steps)} is the last that was begun (deployment ${intent.number} by ${authorText(intent.by)})`;
  const next = isDone ? [] : isPaused ? [approveText(environment, { step: at })] : [`threads status -e ${environment}`];
  return { intent, says: `step ${step} is already behind: ${now}; nothing was changed`, next };
}

function wrongStep({ environment, step }: Approval, { weights, number }: Intent, at: number): ThreadsError {
  const { steps = [] } = weights ?? {};
  return new ThreadsError("WEIGHTS_STEP", {
    message: `deployment ${number} of ${environment} waits for step ${at + 1} of ${weightsText(steps)}, and not for step ${step}`,
    next: [approveText(environment, { step: at }), `threads status -e ${environment}`],
  });
}

export function nothingWaits(environment: string, latest: Deployment | undefined): ThreadsError {
  const last =
    latest === undefined
      ? "nothing was ever deployed there"
      : `deployment ${latest.intent.number} of ${shortRevision(latest.intent.revision)} ${nowText(latest)}`;
  return new ThreadsError("WEIGHTS_STEP", {
    message: `no step of a deployment to ${environment} waits to be approved: ${last}`,
    next: [`threads status -e ${environment}`, `threads history -e ${environment}`],
  });
}

function nowText({ intent, outcome }: Deployment): string {
  const hasSteps = (intent.weights ?? intent.continues ?? outcome?.pauses) !== undefined;
  if (!hasSteps) return "has no steps";
  return outcome?.result === "succeeded" ? "has come to its end" : "went back";
}

/** The result of an approval that came a second time. */
export function behindResult({ intent, says, next }: Behind, environment: string, tookMs: number): RolloutResult {
  const { number, revision, tree, bundle, images, hosts, weights } = intent;
  return {
    outcome: "behind",
    kind: "deploy",
    environment,
    number,
    release: {
      revision,
      tree,
      bundle: bundle.digest,
      images: Object.fromEntries(Object.entries(images).map(([service, pin]) => [service, pin.digest])),
    },
    // Nobody has asked them.
    hosts: hosts.map((id) => ({ id, name: id, url: null, before: null, state: "unknown", traffic: null, tasks: null })),
    leftOut: [],
    rounds: [],
    observeMs: 0,
    weights: weights?.steps ?? null,
    weighed: [],
    continues: null,
    noReturn: [],
    steps: [],
    ships: null,
    rollbackOf: null,
    holds: false,
    liftsHold: null,
    staying: [],
    migrations: null,
    environmentMade: null,
    environmentSince: null,
    github: null,
    undo: null,
    tookMs,
    timings: [],
    next,
    advice: [says],
  };
}
