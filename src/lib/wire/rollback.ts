import type { FleetPorts } from "../fleet/ports.ts";
import { openPlace } from "../registry/open.ts";
import { fleetPorts } from "./fleet.ts";
import { openLedger } from "./ledger.ts";
import type { World } from "./world.ts";

/** The ports of `threads rollback`. The registry is not asked: hosts have kept what they go back to. */
export async function openRollback(world: Omit<World, "processes">): Promise<FleetPorts> {
  const { clock, signal } = world;
  const opened = await openLedger(world);
  const { address, checkAccount } = await openPlace({ ...opened, clock, signal });
  return { ...fleetPorts(opened, world), registryHost: address.host, checkAccount };
}
