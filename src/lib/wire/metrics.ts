import type { MetricsPorts } from "../actions/metrics/run.ts";
import { gitSource } from "../source/git.ts";
import { type LedgerWorld, openLedger } from "./ledger.ts";
import type { World } from "./world.ts";

/** The ports of `threads metrics`. */
export async function openMetrics(world: LedgerWorld & Pick<World, "processes" | "signal">): Promise<MetricsPorts> {
  const { config, ledger } = await openLedger(world, world.signal);
  return { config, ledger, source: gitSource({ processes: world.processes, root: config.root }) };
}
