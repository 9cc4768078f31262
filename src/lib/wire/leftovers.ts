import { dockerCompose } from "../compose/docker-compose.ts";
import { findLeftovers, type Leftovers } from "../compose/leftovers.ts";
import type { LabelledStack } from "../compose/stale.ts";
import { temporaryRoot } from "../docker/private-folder.ts";
import { dockerRun } from "../docker/run.ts";
import { ownerIsAlive } from "../process/owner.ts";
import type { World } from "./world.ts";

/** What killed runs have left on this machine. @param listed the stacks, where they are known @throws ThreadsError where docker does not answer */
export function leftovers(
  { clock, signal, processes, env }: Pick<World, "clock" | "signal" | "processes" | "env">,
  listed?: readonly LabelledStack[],
): Promise<Leftovers> {
  const compose = dockerCompose({ processes, clock, env });
  const docker = dockerRun({ processes });
  const temporary = temporaryRoot();
  return findLeftovers({ docker, compose, temporary, alive: ownerIsAlive, now: clock.now(), signal }, listed);
}
