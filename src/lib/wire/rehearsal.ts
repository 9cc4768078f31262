import type { RehearsePorts } from "../actions/rehearse/ports.ts";
import { author } from "../ledger/author.ts";
import { threadedLoad } from "../load/threaded-load.ts";
import { availableMemory } from "../process/memory.ts";
import { ecrBlobs } from "../registry/ecr/fetch-blob.ts";
import { openRegistry } from "../registry/open.ts";
import { gitSource } from "../source/git.ts";
import { openLedger } from "./ledger.ts";
import { openStage } from "./stage.ts";
import type { World } from "./world.ts";

/** The ports of `threads rehearse`: the real ledger and the real registry, and a way to a sandbox of its own. */
export async function openRehearsal(world: World): Promise<RehearsePorts> {
  const { clock, progress, signal, processes, runtime } = world;
  const { config, aws, ledger } = await openLedger(world, signal);
  const { repo, registry } = await openRegistry({ config, aws, clock, signal });
  const fetchBlob = ecrBlobs({ repo, aws, clock, signal });
  return {
    config,
    repo,
    registry,
    ledger,
    source: gitSource({ processes, root: config.root }),
    openStage: (wanted) => openStage(wanted, { config, repo, registry, fetchBlob }, world),
    runLoad: threadedLoad,
    freeBytes: availableMemory,
    author: author(world.env),
    version: runtime.threads,
    progress,
    clock,
    signal,
  };
}
