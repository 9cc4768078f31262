import type { DiffPorts } from "../actions/ecs/diff.ts";
import { dockerCompose } from "../compose/docker-compose.ts";
import { liveEcs } from "../ecs/live/read.ts";
import { directRecords } from "../ledger/direct-records.ts";
import { settingNames } from "../ledger/setting-names.ts";
import { openRegistry } from "../registry/open.ts";
import { gitSource } from "../source/git.ts";
import { openLedger } from "./ledger.ts";
import type { World } from "./world.ts";

/** The ports of `threads ecs render`, which asks ECS with --diff alone. */
export async function openEcs(
  world: Pick<World, "config" | "aws" | "clock" | "env" | "progress" | "signal" | "runtime" | "processes">,
): Promise<DiffPorts> {
  const { clock, progress, signal, processes, env } = world;
  const { config, aws, ledger, identify } = await openLedger(world, signal);
  const opened = await openRegistry({ config, aws, clock, signal, identify });
  // The ledger's own records may lie in a path of settings.
  const others = Object.keys(config.environments).flatMap((name) => directRecords(config.app, name));
  return {
    ...opened,
    config,
    ledger,
    region: aws.region,
    source: gitSource({ processes, root: config.root }),
    compose: dockerCompose({ processes, clock, env }),
    settingNames: (path) => settingNames(path, others, { aws, clock, signal }),
    ecs: liveEcs({ aws, clock, signal }),
    progress,
    signal,
  };
}
