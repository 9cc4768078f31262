import type { Next } from "../../errors/next.ts";
import type { ShownLease } from "../../ledger/lease.ts";

/** Who is deploying to an environment, or what `threads lock --break` did, or with --dry-run would do. */
export interface LockResult extends Next {
  readonly environment: string;
  /** free: nobody has the lease. held: its holder lives. dead: its holder is gone. planned: that it would be broken. */
  readonly outcome: "free" | "held" | "dead" | "broken" | "planned";
  /** The lease that is there, or that was broken; null where there is none. */
  readonly lease: ShownLease | null;
}
