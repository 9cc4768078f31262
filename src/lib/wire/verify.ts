import type { VerifyPorts } from "../actions/verify/run.ts";
import { hostExchange } from "../hosts/host-exchange.ts";
import { author } from "../ledger/author.ts";
import { openLedger } from "./ledger.ts";
import { openRemote } from "./remote.ts";
import { openSight } from "./targets.ts";
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
    ask: (asked) => hostExchange({ app: config.app, ...asked }, { remote, clock, signal }),
    author: author(world.env),
    version: runtime.threads,
    progress,
    clock,
    signal,
  };
}
