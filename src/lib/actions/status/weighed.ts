import { hostText } from "../../fleet/hosts.ts";
import type { Observed } from "../../fleet/target.ts";
import { addUp, sumOf } from "../../fleet/compare-slots.ts";
import type { Deployment } from "../../ledger/ledger.ts";
import type { Standing } from "../../ledger/standing.ts";
import { shortRevision } from "../../release/revision.ts";
import type { HostSummary } from "../../script/summary.ts";
import type { WeighedStatus } from "../../fleet/status-result.ts";

interface Found {
  readonly environment: string;
  readonly standing: Pick<Standing, "unsettled" | "underWay">;
  readonly observed: readonly Observed[];
  /** Milliseconds since the epoch, by the server's clock. */
  readonly now: number;
}

/** The release that gets its requests step by step, as the hosts have it; null where there is none. */
export function weighedStatus(found: Found): WeighedStatus | null {
  const { environment, standing, now } = found;
  const { unsettled } = standing;
  const { weights, number, revision, bundle } = unsettled?.intent ?? {};
  if (unsettled === undefined || weights === undefined || number === undefined || revision === undefined) return null;
  const own = weighedOn(found, bundle?.digest);
  const last = unsettled.outcome?.weighed?.at(-1);
  const [first] = own.toSorted((one, other) => other.step - one.step);
  // Once a host has it on record, the last step was begun: its requests go over for good.
  const isLast = found.observed.some(({ summary }) => summary?.current?.bundle === bundle?.digest);
  const step = isLast ? weights.steps.length : (first?.step ?? last?.step ?? weights.from);
  const slots = own.flatMap((one) => (one.step === step && one.slots !== null ? [one.slots] : []));
  const counts = slots.length > 0 && slots.length === own.length ? addUp(slots) : undefined;
  const isPaused = unsettled.outcome?.result === "paused";
  return {
    number,
    revision,
    steps: weights.steps,
    step,
    weight: (isLast ? undefined : first?.weight) ?? weights.steps[step - 1] ?? 0,
    sinceAt: first === undefined ? null : new Date(now - first.sinceMs).toISOString(),
    waitsFor: isPaused ? (last?.says ?? "a person") : null,
    next: standing.underWay !== undefined ? null : nextOf(environment, step, isPaused),
    old: counts === undefined ? null : sumOf(counts.old),
    new: counts === undefined ? null : sumOf(counts.new),
  };
}

function nextOf(environment: string, step: number, isPaused: boolean): string {
  return `threads deploy -e ${environment} ${isPaused ? `--continue ${step + 1}` : "--resume"}`;
}

function weighedOn(
  { observed }: Pick<Found, "observed">,
  bundle: string | undefined,
): NonNullable<HostSummary["weighed"]>[] {
  return observed.flatMap(({ summary }) => (summary?.weighed?.bundle === bundle ? (summary?.weighed ?? []) : []));
}

/** Hosts that do not send there what the paused deployment has told them; whose edge was started anew sends nothing. */
export function weighedProblems({ standing, observed }: Pick<Found, "standing" | "observed">): string[] {
  const { unsettled } = standing;
  if (unsettled?.outcome?.result !== "paused") return [];
  const { weight } = unsettled.outcome.weighed?.at(-1) ?? {};
  return observed.flatMap(({ host, summary }) => {
    if (weight === undefined || summary === undefined || !isIn(host.id, unsettled)) return [];
    const { weighed } = summary;
    const sends = weighed?.bundle === unsettled.intent.bundle.digest ? (weighed.slots?.new.weight ?? 0) : 0;
    if (sends === weight) return [];
    return [
      `${hostText(host)}: sends ${sends} % of its requests to ${shortRevision(unsettled.intent.revision)}, and not ${weight} %, as deployment ${unsettled.intent.number} has told it`,
    ];
  });
}

function isIn(id: string, { outcome }: Deployment): boolean {
  return outcome?.hosts.some((host) => host.id === id && host.state === "both") === true;
}
