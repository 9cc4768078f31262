import type { VerifyPorts } from "../actions/verify/run.ts";
import { author } from "../ledger/author.ts";
import { openLedger } from "./ledger.ts";
import { openRemote } from "./remote.ts";
import { openSight } from "./targets.ts";
import { openWays } from "./ways.ts";
import type { World } from "./world.ts";

/** The ports of `threads verify`. */
export async function openVerify(
  world: Pick<World, "config" | "aws" | "clock" | "env" | "progress" | "signal" | "runtime">,
): Promise<VerifyPorts> {
  const { clock, progress, signal, runtime } = world;
  const { config, aws, ledger } = await openLedger(world, signal);
  const remote = openRemote(config, { aws, clock, signal });
  return {
    config,
    ledger,
    targetOf: openSight(config, remote, { aws, clock, signal }),
    waysTo: openWays(config, { remote, clock, signal, env: world.env }),
    author: author(world.env),
    version: runtime.threads,
    progress,
    clock,
    signal,
  };
}
