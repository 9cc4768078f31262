import type { HistoryPorts } from "../actions/history/run.ts";
import { type LedgerWorld, openLedger } from "./ledger.ts";
import type { World } from "./world.ts";

/** The ports of `threads history`. */
export function openHistory(world: LedgerWorld & Pick<World, "signal">): Promise<HistoryPorts> {
  return openLedger(world, world.signal);
}
