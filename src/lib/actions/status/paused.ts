import { hostText } from "../../fleet/hosts.ts";
import { chainOf, knownPauses, stepAt } from "../../fleet/paused-steps.ts";
import type { SignOfLife } from "../../fleet/sign-of-life.ts";
import type { WeighedStatus } from "../../fleet/status-result.ts";
import { approveText } from "../../fleet/step-text.ts";
import type { Observed } from "../../fleet/target.ts";
import type { PausedStep } from "../../ledger/ledger.ts";
import type { Standing } from "../../ledger/standing.ts";
import { shortRevision } from "../../release/revision.ts";
import type { Pause } from "../../script/pause.ts";
import { list } from "../../text/words.ts";

interface Found {
  readonly environment: string;
  readonly standing: Standing;
  readonly observed: readonly Observed[];
  /** Of the deployment under way. */
  readonly life: SignOfLife | undefined;
}

/** The release that waits for a person on ECS, as ECS has it; null where there is none. */
export function pausedStatus({ environment, standing, observed, life }: Found): WeighedStatus | null {
  const { unsettled, underWay } = standing;
  if (unsettled === undefined || unsettled.intent.kind !== "deploy") return null;
  const { number, revision, bundle } = unsettled.intent;
  const known = knownPauses(chainOf(standing, bundle.digest));
  const held = observed.flatMap(({ summary }) => summary?.pauses ?? []);
  const isFree = underWay === undefined || life?.state === "dead";
  const [first] = held;
  const usual = { number, revision, steps: [], sinceAt: null, old: null, new: null };
  if (first === undefined) {
    const { step, percent } = unsettled.outcome?.pauses?.at(-1) ?? {};
    if (step === undefined || percent === undefined || isBusy(observed) || takenBack({ standing, observed }).length > 0)
      return null;
    return { ...usual, step, weight: percent, waitsFor: null, next: `threads deploy -e ${environment} --resume` };
  }
  const step = stepAt(held, known);
  const next = isFree ? approveText(environment, { step }) : null;
  return { ...usual, step, weight: first.percent, waitsFor: list(held.map(heldText)), next };
}

/** The predicate of a sentence about the release. */
function heldText({ service, stage, expiresAt, timeoutAction }: Pause): string {
  const until = expiresAt === null ? "" : ` until ${expiresAt}`;
  return `is held at ${stage} of ${service}${until}, and ${timeoutAction === "CONTINUE" ? "goes on" : "goes back"} then`;
}

function isBusy(observed: readonly Observed[]): boolean {
  return observed.some(({ summary }) => summary === undefined || summary.busy);
}

/** Services that waited, and that ECS has taken back. */
function takenBack({ standing, observed }: Pick<Found, "standing" | "observed">): readonly string[] {
  const waited = new Set(pausesOf(standing).map(({ service }) => service));
  return observed.flatMap(({ summary }) => summary?.wentBack ?? []).filter((name) => waited.has(name));
}

function pausesOf({ unsettled }: Pick<Standing, "unsettled">): readonly PausedStep[] {
  return unsettled?.outcome?.result === "paused" ? (unsettled.outcome.pauses ?? []) : [];
}

/** What is on record as waiting, and waits no more: it has expired, or was answered by other means. */
export function pauseProblems({ standing, observed }: Pick<Found, "standing" | "observed">): string[] {
  const { unsettled } = standing;
  if (unsettled === undefined || pausesOf(standing).length === 0 || isBusy(observed)) return [];
  const { number, revision } = unsettled.intent;
  return observed.flatMap(({ host, summary }) => {
    if ((summary?.pauses ?? []).length > 0) return [];
    const back = takenBack({ standing, observed });
    const whose = `${shortRevision(revision)} (deployment ${number})`;
    return back.length === 0
      ? [`${hostText(host)}: ${whose} waits for nobody any more, and has not come to its end`]
      : [`${hostText(host)}: ECS has taken ${list(back)} back from ${whose}, which waits for nobody any more`];
  });
}
