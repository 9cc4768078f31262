import type { Digest } from "../image/digest.ts";
import type { ImagePin } from "../release/release.ts";
import type { Author } from "./author.ts";
import type { EvidenceBook } from "./evidence.ts";
import type { Freezes } from "./freeze.ts";
import type { Promotions } from "./promotions.ts";

export type { Author } from "./author.ts";

/**
 * Everything that is written down: the numbered deployment records of the environments, freezes, evidence and
 * promotions. A port; the Parameter Store adapter is in parameters.ts.
 */
export interface Ledger extends Freezes, EvidenceBook, Promotions {
  /** Every deployment of an environment, newest first. */
  deployments(environment: string): Promise<readonly Deployment[]>;
  /** The same, with the server's time of asking. */
  chronicle(environment: string): Promise<Chronicle>;
  /**
   * Writes the next intent, create-if-absent: of several writers at once exactly one gets the number.
   * @throws ThreadsError DEPLOYMENT_TAKEN (conflict) where another was first
   */
  begin(environment: string, number: number, draft: IntentDraft): Promise<Intent>;
  /** Writes a deployment's outcome, once: the same again is fine, another one is a conflict. */
  finish(environment: string, outcome: Outcome): Promise<void>;
}

/** What somebody set out to do; written before the first host is touched. */
export interface Intent {
  readonly schema: 1;
  /** 1, 2, 3 … without gaps; also the fence that hosts compare. */
  readonly number: number;
  readonly kind: "deploy" | "rollback";
  readonly revision: string;
  readonly tree: string;
  readonly bundle: ImagePin;
  readonly images: Readonly<Record<string, ImagePin>>;
  /** In the order in which they are deployed. */
  readonly hosts: readonly string[];
  readonly by: Author;
  /** ISO 8601. */
  readonly startedAt: string;
  /** ISO 8601, by the same clock as `startedAt`: so long after its beginning nobody is at work on this any more. */
  readonly deadline: string;
  /** Tells one's own write from another's after a lost reply. */
  readonly nonce: string;
  /** Number of the deployment that a rollback undoes. */
  readonly rollbackOf?: number;
  /** Number of the unfinished deployment that was taken over with --supersede. */
  readonly supersedes?: number;
}

export type IntentDraft = Omit<Intent, "schema" | "number" | "nonce">;

export interface Outcome {
  readonly schema: 1;
  readonly number: number;
  /** Of the intent that this ends. */
  readonly nonce: string;
  readonly result: DeploymentResult;
  readonly hosts: readonly HostOutcome[];
  /** ISO 8601. */
  readonly finishedAt: string;
}

/**
 * succeeded: every host answers as the release. failed: nothing was switched. rolled-back: every host is back.
 * partial: hosts differ and nobody could change that. interrupted: stopped before its end, hosts may differ.
 */
export type DeploymentResult = "succeeded" | "failed" | "rolled-back" | "partial" | "interrupted";

export interface HostOutcome {
  readonly id: string;
  /** new: the release. old: what it ran before. unknown: nobody knows. untouched: its turn never came. */
  readonly state: "new" | "old" | "unknown" | "untouched";
}

export interface Deployment {
  readonly intent: Intent;
  readonly outcome: Outcome | undefined;
  /** When the server wrote the intent and the outcome, ISO 8601; undefined where it does not say. */
  readonly recordedAt?: string | undefined;
  readonly endedAt?: string | undefined;
}

export interface Chronicle {
  /** Newest first. */
  readonly deployments: readonly Deployment[];
  /** Milliseconds since the epoch, by the server's clock. */
  readonly serverTime: number;
}

/** A release as the ledger pins it: enough to bring it up again without asking the registry. */
export interface RecordedRelease {
  readonly revision: string;
  readonly tree: string;
  readonly bundle: { readonly repository: string; readonly digest: Digest };
  readonly images: Readonly<Record<string, ImagePin>>;
}
