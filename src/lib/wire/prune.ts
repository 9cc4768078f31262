import type { PrunePorts } from "../actions/prune/run.ts";
import { dockerCompose } from "../compose/docker-compose.ts";
import { findLeftovers, type Leftovers } from "../compose/leftovers.ts";
import { dockerRun } from "../docker/run.ts";
import { temporaryRoot } from "../docker/private-folder.ts";
import { ownerIsAlive } from "../process/owner.ts";
import type { World } from "./world.ts";

type PruneWorld = Pick<World, "clock" | "progress" | "signal" | "processes" | "env">;

/** The ports of `threads prune`, which needs no threads.yml: what was left may be another application's. */
export function openPrune(world: PruneWorld): PrunePorts {
  const { clock, progress, signal, processes, env } = world;
  const compose = dockerCompose({ processes, clock, env });
  return { compose, progress, signal, leftovers: () => leftovers(world) };
}

/** What killed runs have left on this machine. @throws ThreadsError where docker does not answer */
export function leftovers({ clock, signal, processes, env }: Omit<PruneWorld, "progress">): Promise<Leftovers> {
  const compose = dockerCompose({ processes, clock, env });
  const docker = dockerRun({ processes });
  const temporary = temporaryRoot();
  return findLeftovers({ docker, compose, temporary, alive: ownerIsAlive, now: clock.now(), signal });
}
