import type { Next } from "../../errors/next.ts";
import type { Digest } from "../../image/digest.ts";
import type { ApprovalWord } from "../../ledger/approvals.ts";

/** What `threads approve` or `threads reject` wrote down, or with --dry-run would. */
export interface ApproveResult extends Next {
  /** already: it was their last word on this bundle, and nothing was written. nothing-to-withdraw: they had said nothing of the kind. */
  readonly outcome: "approved" | "rejected" | "withdrawn" | "already" | "nothing-to-withdraw" | "planned";
  readonly environment: string;
  readonly revision: string;
  /** What it is about: the same revision in another bundle is another release. */
  readonly bundle: Digest;
  /** How the release was found, in a sentence. */
  readonly says: string;
  /** Whom AWS takes the credentials for: `user/ada`, `sso/ada@example.com`, `role/approver`. */
  readonly principal: string;
  /** The last word of theirs on this bundle, once this is done; of a plan, the one that would be. Null where there is none. */
  readonly word: ApprovalWord | null;
  /** Beside that word; null where there is none. */
  readonly comment: string | null;
}
