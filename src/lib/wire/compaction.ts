import type { CompactPorts } from "../actions/history/compact.ts";
import { parameterArchive } from "../ledger/archive.ts";
import { ledgerPorts } from "./ledger.ts";
import type { World } from "./world.ts";

/** The ports of `threads history --compact`. */
export async function openCompaction(
  world: Pick<World, "config" | "aws" | "clock" | "progress" | "runtime" | "signal">,
): Promise<CompactPorts> {
  const { progress, signal } = world;
  const [config, ports] = await Promise.all([world.config(), ledgerPorts(world, signal)]);
  return { config, archive: parameterArchive(ports), progress, signal };
}
