import type { Digest } from "../../image/digest.ts";
import type { Author } from "../../ledger/author.ts";
import type { EvidenceCheck } from "../../ledger/evidence.ts";
import type { Gate } from "../../gates/result.ts";
import type { StackReport } from "../../stack/result.ts";

/** What `threads promote` did, or with --dry-run would do. */
export interface PromoteResult {
  readonly outcome: "promoted" | "already-promoted" | "planned";
  /** Whether the release carries the environment's tag now; false only for a plan. */
  readonly promoted: boolean;
  readonly revision: string;
  /** How the release was found, in a sentence. */
  readonly says: string;
  readonly environment: string;
  /** `prod-<sha>`, on every image and on the bundle; in one repository for all services with the service's name. */
  readonly tag: string;
  /** All that is given so: a version before the environment's own. */
  readonly tags: readonly string[];
  readonly bundle: { readonly repository: string; readonly tag: string; readonly digest: Digest };
  readonly images: readonly PromotedImage[];
  readonly gates: readonly Gate[];
  /** What this brings to the environment; null where the environment has no hosts. */
  readonly ships: Ships | null;
  /** The production smoke on these digests; null where none is needed, or nothing was done. */
  readonly smoke: PromotedSmoke | null;
  /** What a person should know though the promotion goes on: lifecycle rules that would take an image. */
  readonly warnings: readonly string[];
}

export interface PromotedImage {
  readonly service: string;
  readonly repository: string;
  /** The environment's tag as it stands in the repository. */
  readonly tag: string;
  readonly digest: Digest;
  /** `create` is the word of a plan. */
  readonly outcome: "created" | "present" | "create";
}

/** The difference to what runs in the environment now. */
export interface Ships {
  /** Null where nothing was ever deployed there. */
  readonly from: { readonly revision: string; readonly number: number } | null;
  /** Commits that are new there. */
  readonly commits: number;
  /** The newest ten of them, `<short sha> <subject>`. */
  readonly log: readonly string[];
  /** Commits that run there now and would be gone. */
  readonly dropped: number;
  /** Migration files that it adds. */
  readonly migrations: readonly string[];
  /** Why git cannot tell; null where it can. */
  readonly unknown: string | null;
}

export interface PromotedSmoke {
  /** run: just now. recorded: by an earlier promotion, on these very digests. */
  readonly evidence: "run" | "recorded";
  readonly by: Author;
  /** ISO 8601. */
  readonly at: string;
  readonly checks: readonly EvidenceCheck[];
  /** Of the run; null where it was recorded. */
  readonly durations: StackReport["durations"] | null;
  readonly leftovers: readonly string[];
}
