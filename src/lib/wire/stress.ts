import type { StressPorts } from "../actions/stress/run.ts";
import { author } from "../ledger/author.ts";
import { threadedLoad } from "../load/threaded-load.ts";
import { environmentUrls } from "./environment-urls.ts";
import { sandboxHosts } from "./host-urls.ts";
import { openLedger } from "./ledger.ts";
import { openRemote } from "./remote.ts";
import type { World } from "./world.ts";

/** The ports of `threads stress`. */
export async function openStress(
  world: Pick<World, "config" | "aws" | "clock" | "env" | "progress" | "signal" | "runtime">,
): Promise<StressPorts> {
  const { clock, progress, signal, runtime } = world;
  const { config, aws, ledger } = await openLedger(world, signal);
  const [known, urls] = await Promise.all([sandboxHosts(config, world), environmentUrls(world)]);
  const hosts = known === undefined ? undefined : new Map(known.map(({ id, url }) => [id, url]));
  const remote = openRemote(config, { aws, clock, signal });
  const own = { author: author(world.env), version: runtime.threads };
  return { config, addresses: { hosts, urls }, runLoad: threadedLoad, ledger, remote, ...own, progress, clock, signal };
}
