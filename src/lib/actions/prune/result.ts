import type { Leftovers } from "../../compose/leftovers.ts";
import type { Next } from "../../errors/next.ts";

/** What `threads prune` removed, or would remove. */
export interface PruneResult extends Next, Leftovers {
  /** planned: nothing was done yet. partly-pruned: some of it could not be removed. */
  readonly outcome: "pruned" | "planned" | "partly-pruned" | "nothing-to-prune";
  /** What could not be removed, and why. */
  readonly failed: readonly { readonly what: string; readonly says: string }[];
}
