import { type LedgerWorld, type OpenLedger, openLedger } from "./ledger.ts";
import type { World } from "./world.ts";

/** The ports of `threads history`. */
export function openHistory(world: LedgerWorld & Pick<World, "signal">): Promise<OpenLedger> {
  return openLedger(world, world.signal);
}
