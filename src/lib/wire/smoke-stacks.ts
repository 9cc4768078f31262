import type { SmokeDownPorts } from "../actions/smoke/down.ts";
import { dockerCompose } from "../compose/docker-compose.ts";
import { listImages } from "../docker/commands.ts";
import { dockerRun, outputLines } from "../docker/run.ts";
import { ownerIsAlive } from "../process/owner.ts";
import type { World } from "./world.ts";

/** The ports of `threads smoke list` and `smoke down`. */
export async function openSmokeStacks(
  world: Pick<World, "config" | "clock" | "progress" | "signal" | "processes" | "env">,
): Promise<SmokeDownPorts> {
  const { clock, progress, signal, processes, env } = world;
  const docker = dockerRun({ processes });
  return {
    config: await world.config(),
    compose: dockerCompose({ processes, clock, env }),
    imagesOf: async (project) =>
      (await outputLines(docker, listImages(), { signal })).filter((name) => name.endsWith(`:candidate-${project}`)),
    alive: ownerIsAlive,
    progress,
    signal,
  };
}
