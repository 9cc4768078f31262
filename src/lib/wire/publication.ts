import type { PublishPorts } from "../actions/publish/run.ts";
import { dockerCompose } from "../compose/docker-compose.ts";
import { dockerImages } from "../docker/images.ts";
import { openRegistry } from "../registry/open.ts";
import { gitSource } from "../source/git.ts";
import type { World } from "./world.ts";

/** The ports of `threads publish`. */
export async function openPublication(
  world: Pick<World, "config" | "aws" | "clock" | "progress" | "signal" | "processes" | "env">,
): Promise<PublishPorts> {
  const { clock, progress, signal, processes, env } = world;
  const [config, aws] = await Promise.all([world.config(), world.aws()]);
  return {
    ...(await openRegistry({ config, aws, clock, signal })),
    config,
    source: gitSource({ processes, root: config.root }),
    compose: dockerCompose({ processes, clock, env }),
    docker: dockerImages({ processes, signal }),
    progress,
    clock,
    signal,
  };
}
