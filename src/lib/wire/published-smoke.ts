import type { SmokePublishedPorts } from "../actions/smoke/published.ts";
import { dockerImages } from "../docker/images.ts";
import { author } from "../ledger/author.ts";
import { openRegistry } from "../registry/open.ts";
import { gitSource } from "../source/git.ts";
import { runStack } from "../stack/run-stack.ts";
import { openLedger } from "./ledger.ts";
import { openStack } from "./stack.ts";
import type { World } from "./world.ts";

/** The ports of `threads smoke --release`: those of a promotion, as far as it tests. */
export async function openPublishedSmoke(world: Omit<World, "detach">): Promise<SmokePublishedPorts> {
  const { clock, progress, signal, processes, env, runtime } = world;
  const [{ config, aws, ledger, identify }, stack] = await Promise.all([openLedger(world, signal), openStack(world)]);
  return {
    ...(await openRegistry({ config, aws, clock, signal, identify })),
    config,
    ledger,
    source: gitSource({ processes, root: config.root }),
    docker: dockerImages({ processes, signal }),
    smoke: (what) => runStack({ ...what, build: false }, stack),
    author: author(env),
    version: runtime.threads,
    progress,
    clock,
    signal,
  };
}
