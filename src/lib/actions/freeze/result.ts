import type { Next } from "../../errors/next.ts";
import type { ShownAuthor } from "../../ledger/author.ts";

/** What `threads freeze` did, or with --dry-run would do. */
export interface FreezeResult extends Next {
  readonly environment: string;
  readonly outcome: "frozen" | "already-frozen" | "lifted" | "not-frozen" | "planned";
  /** Whether it is frozen now. */
  readonly frozen: boolean;
  /** The freeze that is on, or that was lifted; null where there was none. Of a plan the one that it would lift. */
  readonly freeze: {
    readonly reason: string;
    readonly by: ShownAuthor;
    /** ISO 8601, by the server's clock. */
    readonly frozenAt: string;
  } | null;
}
