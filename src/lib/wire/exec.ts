import type { ExecPorts } from "../actions/exec/run.ts";
import { author } from "../ledger/author.ts";
import { openLedger } from "./ledger.ts";
import { openRemote } from "./remote.ts";
import type { World } from "./world.ts";

/** The ports of `threads exec`: what cancels the command must not be stopped by what asked for that. */
export async function openExec(
  world: Pick<World, "config" | "aws" | "clock" | "env" | "progress" | "signal" | "runtime">,
): Promise<ExecPorts> {
  const { clock, progress, signal } = world;
  const { config, aws, ledger } = await openLedger(world);
  return {
    config,
    ledger,
    remote: openRemote(config, { aws, clock }),
    author: author(world.env),
    progress,
    clock,
    signal,
  };
}
