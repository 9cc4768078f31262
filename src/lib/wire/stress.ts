import type { StressPorts } from "../actions/stress/run.ts";
import { author } from "../ledger/author.ts";
import { threadedLoad } from "../load/threaded-load.ts";
import { environmentUrls } from "./environment-urls.ts";
import { sandboxHosts } from "./host-urls.ts";
import { openLedger } from "./ledger.ts";
import { openMemberStats } from "./member-stats.ts";
import { openRemote } from "./remote.ts";
import { openSight } from "./targets.ts";
import type { World } from "./world.ts";

/** The ports of `threads stress`. */
export async function openStress(
  world: Pick<World, "config" | "aws" | "clock" | "env" | "progress" | "signal" | "runtime">,
): Promise<StressPorts> {
  const { clock, progress, signal, runtime } = world;
  const { config, aws, ledger } = await openLedger(world, signal);
  const [known, urls] = await Promise.all([sandboxHosts(config, world), environmentUrls(world)]);
  const hosts = known === undefined ? undefined : new Map(known.map(({ id, url }) => [id, url]));
  const targetOf = openSight(config, openRemote(config, { aws, clock, signal }), { aws, clock, signal });
  const own = { author: author(world.env), version: runtime.threads };
  return {
    config,
    addresses: { hosts, urls },
    runLoad: threadedLoad,
    ledger,
    targetOf,
    // Without the signal: what samples on hosts is told to end when it is there.
    statsOf: openMemberStats({ config, remote: openRemote(config, { aws, clock }) }),
    ...own,
    progress,
    clock,
    signal,
  };
}
