import { shortRevision } from "../release/revision.ts";
import { dated } from "../text/words.ts";
import { authorText } from "./author.ts";
import type { Deployment, Intent } from "./ledger.ts";

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
}

/**
 * The hold of an environment: its newest release came by a rollback, and no deployment since has lifted that. One that failed
 * has lifted nothing. @param deployments newest first, as far back as its standing was read
 */
export function holdOf(deployments: readonly Deployment[]): Hold | undefined {
  const done = deployments.filter(({ outcome }) => outcome?.result === "succeeded");
  const held = done[0]?.intent.bundle.digest;
  for (const { intent, recordedAt } of done) {
    if (intent.bundle.digest !== held || intent.liftsHold !== undefined) return undefined;
    if (intent.kind === "rollback")
      return { rollback: intent, since: recordedAt ?? intent.startedAt, from: undoneBy(intent, deployments) };
  }
  return undefined;
}

function undoneBy({ rollbackOf }: Intent, deployments: readonly Deployment[]): string | undefined {
  return deployments.find(({ intent }) => intent.number === rollbackOf)?.intent.revision;
}

/** Who holds it, since when, on which release instead of which, and why, in a sentence. */
export function holdText(environment: string, { rollback, since, from }: Hold): string {
  const { number, by, revision, reason } = rollback;
  const back = `${from === undefined ? "" : `from ${shortRevision(from)} `}to ${shortRevision(revision)}`;
  const why = reason === undefined ? "" : `: ${reason}`;
  return `${environment} is held: ${authorText(by)} rolled it back ${back} (deployment ${number}, ${dated(since)})${why}`;
}

/** What a deployment of this bundle needs behind it to pass the hold, with a space before it; empty where it needs nothing. */
export function liftFlag(hold: Hold | undefined, bundle: string): string {
  return hold === undefined || hold.rollback.bundle.digest === bundle ? "" : ` --lift-hold ${hold.rollback.number}`;
}
