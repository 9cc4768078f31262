import type { DeployPorts } from "../actions/deploy/run.ts";
import { once } from "../aws/once.ts";
import { openRegistry } from "../registry/open.ts";
import { gitSource } from "../source/git.ts";
import { gitLineage } from "../source/lineage.ts";
import { fleetPorts } from "./fleet.ts";
import { openLedger } from "./ledger.ts";
import { openProvenance } from "./provenance.ts";
import type { TaskTargetPorts } from "../tasks/ports.ts";
import type { World } from "./world.ts";

/** The ports of `threads deploy`, which takes its release from the registry. */
export async function openDeployment(world: World): Promise<DeployPorts> {
  const { clock, signal, processes } = world;
  const opened = await openLedger(world);
  const found = await openRegistry({ ...opened, clock, signal });
  const git = { processes, root: opened.config.root };
  const translation = once(async () => {
    const { openTranslation } = await import("./translation.ts");
    return openTranslation({ ...opened, ...found }, world);
  });
  const translated: TaskTargetPorts["translated"] = async (...release) => (await translation())(...release);
  const ports = { ...(await fleetPorts(opened, found.repo.host, world, translated)), ...found };
  const source = gitSource(git);
  const { provenance } = openProvenance({ config: opened.config, source, registry: found.registry }, world);
  return { ...ports, source, lineage: gitLineage(git), provenance };
}
