import type { DeployPorts } from "../actions/deploy/run.ts";
import { openRegistry } from "../registry/open.ts";
import { gitSource } from "../source/git.ts";
import { fleetPorts } from "./fleet.ts";
import { openLedger } from "./ledger.ts";
import type { World } from "./world.ts";

/** The ports of `threads deploy`, which takes its release from the registry. */
export async function openDeployment(world: World): Promise<DeployPorts> {
  const { clock, signal, processes } = world;
  const opened = await openLedger(world);
  const found = await openRegistry({ ...opened, clock, signal });
  const source = gitSource({ processes, root: opened.config.root });
  return { ...(await fleetPorts(opened, world)), ...found, registryHost: found.repo.host, source };
}
