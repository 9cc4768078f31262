import type { EnvironmentConfig } from "../config/config.ts";
import { ThreadsError } from "../errors/threads-error.ts";
import { authorText } from "../ledger/author.ts";
import type { Standing } from "../ledger/standing.ts";
import { shortRevision } from "../release/revision.ts";
import { ago } from "../text/words.ts";
import type { Observed } from "./observe.ts";
import { signOfLife } from "./sign-of-life.ts";

interface Wanted {
  readonly environment: EnvironmentConfig;
  readonly standing: Standing;
  /** The unfinished deployment that may be taken over. */
  readonly supersede: number | undefined;
  /** The command without flags, as it is typed again. */
  readonly typed: string;
  /** Milliseconds since the epoch, by the server's clock. */
  readonly now: number;
}

/**
 * Somebody else's unfinished deployment stands in the way unless it is named. Only then are the hosts asked whether it still
 * lives, and only a dead one is offered to be taken over.
 * @throws ThreadsError DEPLOYMENT_UNDER_WAY (conflict)
 */
export async function requireFree(wanted: Wanted, look: () => Promise<readonly Observed[]>): Promise<void> {
  const { environment, standing, supersede, typed, now } = wanted;
  const { underWay, latest } = standing;
  if (underWay === undefined || latest === undefined || underWay.number === supersede) return;
  const { number, by, revision, kind } = underWay;
  const doing = kind === "deploy" ? `is deploying ${shortRevision(revision)} to` : `is rolling back`;
  const since = ago(now - Date.parse(latest.recordedAt ?? underWay.startedAt));
  const observed = await look().catch((error: unknown) => {
    if (error instanceof ThreadsError && error.outcome !== "interrupted") return [];
    throw error;
  });
  const over = `--supersede ${number}`;
  const life = observed.length === 0 ? undefined : signOfLife(latest, { observed, now });
  const state = life?.state ?? "unknown";
  const status = `threads status -e ${environment.name}`;
  throw new ThreadsError("DEPLOYMENT_UNDER_WAY", {
    message: `${authorText(by)} ${doing} ${environment.name} (deployment ${number}, ${since}); ${life?.says ?? "whether it is at work, the hosts do not tell"}`,
    next: state === "dead" ? [`${typed} ${over}`, status] : [status],
    advice: state === "unknown" ? [`${over} takes it over: only if it is dead`] : [],
  });
}
