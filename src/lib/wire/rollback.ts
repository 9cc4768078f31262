import type { RollbackPorts } from "../actions/rollback/run.ts";
import { openPlace } from "../registry/open.ts";
import { fleetPorts } from "./fleet.ts";
import { gitLineage } from "../source/lineage.ts";
import { openLedger } from "./ledger.ts";
import type { World } from "./world.ts";

/** The ports of `threads rollback` and `threads converge`. The registry is not asked: hosts have kept what they go back to. */
export async function openRollback(world: World): Promise<RollbackPorts> {
  const { clock, signal } = world;
  const opened = await openLedger(world);
  const { address, checkAccount } = await openPlace({ ...opened, clock, signal });
  const lineage = gitLineage({ processes: world.processes, root: opened.config.root });
  return { ...(await fleetPorts(opened, address.host, world)), checkAccount, lineage };
}
