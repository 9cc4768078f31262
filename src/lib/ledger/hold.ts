import { shortRevision } from "../release/revision.ts";
import { dated } from "../text/words.ts";
import { authorText } from "./author.ts";
import type { Deployment, Intent } from "./ledger.ts";
import { mayDiffer } from "./may-differ.ts";

/**
 * What a rollback leaves behind: no other release is deployed to its environment until a deployment lifts it by its number.
 * It is no record of its own but follows from the deployments, so that it can neither be lost nor fail to be written, and the
 * number that both a rollback and a deployment need settles which of them came first.
 */
export interface Hold {
  /** The rollback that holds; its number is the hold's name. */
  readonly rollback: Intent;
  /** When that was written down, ISO 8601, by the server's clock. */
  readonly since: string;
  /** Revision of what was taken back; undefined where the ledger no longer tells. */
  readonly from: string | undefined;
  /** Whether it has come to its end; of one that has not some hosts may have gone back. */
  readonly isComplete: boolean;
}

/**
 * The hold of an environment: a rollback that has changed hosts, or may have, and that no deployment since has lifted. One
 * that ended half-way holds as well, or whatever deploys by itself would undo it before a person has finished it; one that
 * changed nothing, or of which every host went forward again, does not. A deployment that failed has lifted nothing.
 * @param deployments newest first, as far back as its standing was read
 */
export function holdOf(deployments: readonly Deployment[]): Hold | undefined {
  let runs: Intent | undefined;
  for (const one of deployments) {
    const { intent, recordedAt, outcome } = one;
    const isComplete = outcome?.result === "succeeded";
    if (!isComplete && (intent.kind !== "rollback" || !mayDiffer(one))) continue;
    if (runs !== undefined && runs.bundle.digest !== intent.bundle.digest) return undefined;
    if (intent.kind === "rollback") {
      const since = recordedAt ?? intent.startedAt;
      return { rollback: intent, since, from: undoneBy(intent, deployments), isComplete };
    }
    if (intent.liftsHold !== undefined) return undefined;
    runs ??= intent;
  }
  return undefined;
}

function undoneBy({ rollbackOf }: Intent, deployments: readonly Deployment[]): string | undefined {
  return deployments.find(({ intent }) => intent.number === rollbackOf)?.intent.revision;
}

/** Who holds it, since when, on which release instead of which, and why, in a sentence. */
export function holdText(environment: string, { rollback, since, from, isComplete }: Hold): string {
  const { number, by, revision, reason } = rollback;
  const back = `${from === undefined ? "" : `from ${shortRevision(from)} `}to ${shortRevision(revision)}`;
  const why = reason === undefined ? "" : `: ${reason}`;
  const who = authorText(by);
  return isComplete
    ? `${environment} is held: ${who} rolled it back ${back} (deployment ${number}, ${dated(since)})${why}`
    : `${environment} is held: ${who} began to roll it back ${back} (deployment ${number}, ${dated(since)}), which has not come to every host${why}`;
}

/** What a deployment of this bundle needs behind it to pass the hold, with a space before it; empty where it needs nothing. */
export function liftFlag(hold: Hold | undefined, bundle: string): string {
  return hold === undefined || hold.rollback.bundle.digest === bundle ? "" : ` --lift-hold ${hold.rollback.number}`;
}
