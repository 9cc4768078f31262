import type { PrunePorts } from "../actions/prune/run.ts";
import { dockerCompose } from "../compose/docker-compose.ts";
import { leftovers } from "./leftovers.ts";
import type { World } from "./world.ts";

type PruneWorld = Pick<World, "clock" | "progress" | "signal" | "processes" | "env">;

/** The ports of `threads prune`, which needs no threads.yml: what was left may be another application's. */
export function openPrune(world: PruneWorld): PrunePorts {
  const { clock, progress, signal, processes, env } = world;
  const compose = dockerCompose({ processes, clock, env });
  return { compose, progress, signal, leftovers: () => leftovers(world) };
}
