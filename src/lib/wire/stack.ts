import { type Compose, dockerCompose } from "../compose/docker-compose.ts";
import type { Config } from "../config/config.ts";
import { httpGet } from "../probe/http-get.ts";
import { leftovers } from "./leftovers.ts";
import { gitSource } from "../source/git.ts";
import type { RunStackPorts } from "../stack/run-stack.ts";
import type { World } from "./world.ts";

/** The part of the world in which a throw-away stack runs. */
export type StackWorld = Pick<World, "config" | "clock" | "progress" | "signal" | "cancelNow" | "processes" | "env">;

export interface OpenStack extends RunStackPorts {
  readonly config: Config;
  readonly compose: Compose;
}

/** What running a throw-away stack needs, for `smoke`, `test` and `promote`. */
export async function openStack(world: StackWorld): Promise<OpenStack> {
  const { clock, progress, signal, cancelNow, processes, env } = world;
  const compose = dockerCompose({ processes, clock, env });
  const config = await world.config();
  const source = gitSource({ processes, root: config.root });
  const ignored = (paths: readonly string[]): Promise<readonly string[]> => source.ignored(paths);
  return {
    config,
    compose,
    ignored,
    leftovers: (listed) => leftovers(world, listed),
    get: httpGet,
    clock,
    progress,
    signal,
    cancelNow,
  };
}
