import type { EnvironmentConfig } from "../../config/config.ts";
import { ThreadsError } from "../../errors/threads-error.ts";
import { chainOf, type Continues, type KnownPauses, knownPauses, stepAt } from "../../fleet/paused-steps.ts";
import { approveText } from "../../fleet/step-text.ts";
import type { Observed } from "../../fleet/target.ts";
import { authorText } from "../../ledger/author.ts";
import type { Deployment, Intent, PausedStep, RecordedRelease } from "../../ledger/ledger.ts";
import type { Lease } from "../../ledger/lease.ts";
import type { Standing } from "../../ledger/standing.ts";
import { shortRevision } from "../../release/revision.ts";
import { are, list } from "../../text/words.ts";
import { type Approval, type Behind, behindHosts, nothingWaits } from "./approve.ts";

/**
 * The ledger's word on a step that is approved on ECS: how many there are nobody knows, since only the services themselves have
 * pauses. @param open the deployment that has not come to its end
 * @returns that it is behind; undefined where it may be next. @throws ThreadsError WEIGHTS_STEP (refused)
 */
export function judgePauseApproval(
  { environment, step }: Approval,
  { latest, open }: { readonly latest: Deployment | undefined; readonly open: Deployment | undefined },
  lease: Lease | undefined,
): Behind | undefined {
  if (latest?.outcome?.result === "succeeded" && step <= (latest.intent.continues?.step ?? 0)) {
    const runs = `${environment} runs ${shortRevision(latest.intent.revision)}`;
    return { intent: latest.intent, says: behindText(step, runs), next: [] };
  }
  if (open === undefined || open.intent.kind !== "deploy") throw nothingWaits(environment, open ?? latest);
  const { intent } = open;
  const begun = intent.continues?.step ?? 1;
  if (lease?.state !== "alive" || lease.number !== intent.number || step > begun) return undefined;
  const who = `deployment ${intent.number} by ${authorText(intent.by)} is at work on it`;
  return { intent, says: behindText(step, who), next: [`threads status -e ${environment}`] };
}

function behindText(step: number, now: string): string {
  return `step ${step} is already behind: ${now}; nothing was changed`;
}

interface Found {
  readonly standing: Standing;
  readonly release: RecordedRelease;
  readonly observed: readonly Pick<Observed, "summary">[];
}

/**
 * What a person lets go on, by ECS's own word: it may have been answered meanwhile, or have expired.
 * @returns undefined where what was begun by somebody who is gone is watched on
 * @throws ThreadsError WEIGHTS_STEP (refused) where another step waits, or none any more
 */
function approvedPauses(
  { environment, step }: Approval,
  intent: Intent,
  { standing, release, observed }: Found,
): Continues | Behind | undefined {
  const chain = chainOf(standing, release.bundle.digest);
  const known = knownPauses(chain);
  const own = new Set(chain.map(({ intent: { number } }) => number));
  // What another release waits for was not approved by that.
  const waiting = observed.flatMap(({ summary }) => summary?.pauses ?? []).filter(({ number }) => own.has(number));
  if (waiting.length === 0) return noneWaits({ environment, step }, intent, { chain, known, observed });
  const at = stepAt(waiting, known);
  const next = [approveText(environment, { step: at })];
  const waits = `deployment ${intent.number} of ${environment} waits for step ${at + 1}`;
  if (step <= at) return { intent, says: behindText(step, waits), next };
  if (step === at + 1) return { step, hooks: waiting.map(({ hookId }) => hookId), pauses: waiting };
  throw new ThreadsError("WEIGHTS_STEP", {
    message: `${waits}, and not for step ${step}`,
    next: [...next, `threads status -e ${environment}`],
  });
}

interface Silent extends Pick<Found, "observed"> {
  readonly chain: readonly Deployment[];
  readonly known: KnownPauses;
}

/** ECS has gone on, or back: somebody has answered by other means, or the time of the pause was up. */
function noneWaits(
  { environment, step }: Approval,
  intent: Intent,
  { chain, known, observed }: Silent,
): Behind | undefined {
  // What it is at, or that it does not answer, is told by whoever looks whether it is ready.
  if (observed.some(({ summary }) => summary === undefined || summary.busy)) return undefined;
  const { number, revision } = intent;
  const recorded = chain.find(({ outcome }) => outcome?.pauses !== undefined)?.outcome?.pauses ?? [];
  const back = backFrom(recorded, observed);
  const anew = `threads deploy -e ${environment} ${revision}`;
  const status = `threads status -e ${environment}`;
  if (back.length > 0) {
    const expired = recorded.flatMap(({ service, expiresAt }) =>
      expiresAt !== null && back.includes(service) ? [`it waited until ${expiresAt}`] : [],
    );
    const [current] = observed.flatMap(({ summary }) => summary?.current ?? []);
    const until = expired.length === 0 ? "" : `: ${expired[0]}`;
    const runs = current === undefined ? "what it ran before" : `${shortRevision(current.revision)} again`;
    throw new ThreadsError("WEIGHTS_STEP", {
      message: `deployment ${number} of ${environment} waits for nobody any more: ECS has taken ${list(back)} back from ${shortRevision(revision)}${until}; ${back.length === 1 ? "it runs" : "they run"} ${runs}`,
      next: [anew, `threads rollback -e ${environment}`, status],
    });
  }
  if (step <= known.begun) return undefined;
  const goOn = `threads deploy -e ${environment} --resume`;
  if (recorded.length === 0)
    throw new ThreadsError("WEIGHTS_STEP", {
      message: `no step of a deployment to ${environment} waits to be approved: deployment ${number} of ${shortRevision(revision)} has come to no pause`,
      next: [goOn, status],
    });
  const services = [...new Set(recorded.map(({ service }) => service))];
  const answered = `${list(services)} ${are(services.length)} let go on already, and deployment ${number} has not come to its end`;
  return { intent, says: behindText(step, answered), next: [goOn] };
}

function backFrom(recorded: readonly PausedStep[], observed: Silent["observed"]): readonly string[] {
  const back = observed.flatMap(({ summary }) => summary?.wentBack ?? []);
  return recorded.length === 0 ? back : back.filter((name) => recorded.some(({ service }) => service === name));
}

interface Approving {
  readonly step: number | undefined;
  readonly environment: EnvironmentConfig;
  readonly resumes: Intent | undefined;
}

/** A step that is approved, by the word of what it goes to. @returns what is let go on, on ECS; or that it is behind */
export function judgeStep({ step, environment, resumes }: Approving, found: Found): Behind | Continues | undefined {
  const { name, ecs } = environment;
  if (step === undefined || resumes === undefined) return undefined;
  if (ecs === undefined) return behindHosts({ step, environment: name, resumes }, found);
  return approvedPauses({ environment: name, step }, resumes, found);
}
