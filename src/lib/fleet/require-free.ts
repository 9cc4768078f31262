import type { EnvironmentConfig } from "../config/config.ts";
import { ThreadsError } from "../errors/threads-error.ts";
import { authorText } from "../ledger/author.ts";
import type { Lease } from "../ledger/lease.ts";
import type { Standing } from "../ledger/standing.ts";
import type { Progress } from "../progress/progress.ts";
import { shortRevision } from "../release/revision.ts";
import { ago, span } from "../text/words.ts";
import type { Observed } from "./target.ts";
import { signOfLife } from "./sign-of-life.ts";

interface Wanted {
  readonly environment: EnvironmentConfig;
  readonly standing: Standing;
  /** Who says to be at work; undefined where nobody does, or it could not be read. */
  readonly lease: Lease | undefined;
  /** The unfinished deployment that may be taken over. */
  readonly supersede: number | undefined;
  /** The command without flags, as it is typed again. */
  readonly typed: string;
  /** Milliseconds since the epoch, by the server's clock. */
  readonly now: number;
  readonly progress: Pick<Progress, "warn">;
}

/**
 * Somebody else's unfinished deployment stands in the way unless it is named, or its deployer is known to be dead and no host
 * is at work on it. A deployer whose lease lives is told at once; only otherwise are the hosts asked.
 * @returns number of the unfinished deployment that is taken over; undefined where there is none
 * @throws ThreadsError DEPLOYMENT_UNDER_WAY (conflict)
 */
export async function requireFree(
  wanted: Wanted,
  look: () => Promise<readonly Observed[]>,
): Promise<number | undefined> {
  const { environment, standing, lease, supersede, typed, now, progress } = wanted;
  const { underWay, latest } = standing;
  if (lease !== undefined && isAhead(lease, standing) && lease.number !== supersede)
    throw underWayBy(lease, { environment: environment.name, typed });
  if (underWay === undefined || latest === undefined || underWay.number === supersede) return underWay?.number;
  const { number, by, revision, kind } = underWay;
  const since = ago(now - Date.parse(latest.recordedAt ?? underWay.startedAt));
  const observed = await look().catch((error: unknown) => {
    if (error instanceof ThreadsError && error.outcome !== "interrupted") return [];
    throw error;
  });
  const over = `--supersede ${number}`;
  const life = observed.length === 0 ? undefined : signOfLife(latest, { observed, lease, now });
  const state = life?.state ?? "unknown";
  if (state === "dead" && lease?.number === number) {
    progress.warn(`deployment ${number} by ${authorText(by)} is taken over: ${life?.says ?? ""}`);
    return number;
  }
  const status = `threads status -e ${environment.name}`;
  throw new ThreadsError("DEPLOYMENT_UNDER_WAY", {
    message: `${authorText(by)} ${doing(kind, revision)} ${environment.name} (deployment ${number}, ${since}); ${life?.says ?? "whether it is at work, the hosts do not tell"}`,
    next: state === "dead" ? [`${typed} ${over}`, status] : [`${typed} --wait`, status],
    advice: state === "unknown" ? [`${over} takes it over: only if it is dead`] : [],
  });
}

/** Whether a lease is that of a deployment that the ledger does not know to have ended, or to have been followed by another. */
function isAhead({ state, number }: Lease, { latest }: Standing): boolean {
  if (state === "dead" || latest === undefined) return state === "alive";
  return number > latest.intent.number || (number === latest.intent.number && latest.outcome === undefined);
}

function doing(kind: Lease["kind"], revision: string): string {
  return kind === "deploy" ? `is deploying ${shortRevision(revision)} to` : `is rolling back`;
}

/** The refusal of whoever comes second. @param of.typed the command, as it is typed again */
export function underWayBy(lease: Lease, of: { readonly environment: string; readonly typed: string }): ThreadsError {
  return new ThreadsError("DEPLOYMENT_UNDER_WAY", {
    message: leaseText(of.environment, lease),
    next: [`${of.typed} --wait`, `threads status -e ${of.environment}`],
    advice: [`without waiting, --supersede ${lease.number} takes it over: hosts then refuse the older one`],
  });
}

/** Who holds it, since when, what is being done and when that was said last: a sentence. */
export function leaseText(environment: string, lease: Lease): string {
  const { kind, number, revision, by, step, since, beatAt, quietMs } = lease;
  const held = Date.parse(beatAt) - Date.parse(since) + quietMs;
  return `${authorText(by)} ${doing(kind, revision)} ${environment} (deployment ${number}, for ${span(held)}); ${step}, ${span(quietMs)} ago`;
}
