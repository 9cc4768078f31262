import type { Digest } from "../../image/digest.ts";
import type { StackReport } from "../smoke/result.ts";

/** What `threads promote` did, or with --dry-run would do. */
export interface PromoteResult {
  readonly outcome: "promoted" | "already-promoted" | "planned";
  /** Whether the release carries the environment's tag now; false only for a plan. */
  readonly promoted: boolean;
  readonly revision: string;
  readonly environment: string;
  /** `prod-<sha>`, on every image and on the bundle. */
  readonly tag: string;
  readonly bundle: { readonly repository: string; readonly digest: Digest };
  readonly images: readonly PromotedImage[];
  /** The production smoke on these digests; null where none was run. */
  readonly smoke: Pick<StackReport, "checks" | "durations" | "leftovers"> | null;
}

export interface PromotedImage {
  readonly service: string;
  readonly repository: string;
  readonly digest: Digest;
  /** `create` is the word of a plan. */
  readonly outcome: "created" | "present" | "create";
}
