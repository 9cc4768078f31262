import type { PublishPorts } from "../actions/publish/run.ts";
import { dockerCompose } from "../compose/docker-compose.ts";
import { dockerArchive } from "../docker/archive.ts";
import { dockerImages } from "../docker/images.ts";
import { openRegistry } from "../registry/open.ts";
import { gitSource } from "../source/git.ts";
import { lazySignatures } from "./signatures.ts";
import { openProvenance } from "./provenance.ts";
import type { World } from "./world.ts";

/** The ports of `threads publish`. */
export async function openPublication(
  world: Pick<World, "config" | "aws" | "clock" | "progress" | "signal" | "cancelNow" | "processes" | "env">,
): Promise<PublishPorts> {
  const { clock, progress, signal, processes, env } = world;
  const [config, aws] = await Promise.all([world.config(), world.aws()]);
  const opened = await openRegistry({ config, aws, clock, signal });
  const source = gitSource({ processes, root: config.root });
  const { provenance, readFiles } = openProvenance({ config, source, registry: opened.registry }, world);
  return {
    ...opened,
    config,
    source,
    provenance,
    readFiles,
    compose: dockerCompose({ processes, clock, env }),
    docker: dockerImages({ processes, signal }),
    signatures: lazySignatures({ processes, env, root: config.root, signal, ...opened.registry }),
    archive: dockerArchive({ processes, signal }),
    // Only what another machine has begun is run here.
    smoke: async (what) => {
      const [{ runStack }, { openStack }] = await Promise.all([import("../stack/run-stack.ts"), import("./stack.ts")]);
      return runStack({ ...what, build: false }, await openStack(world));
    },
    progress,
    clock,
    signal,
  };
}
