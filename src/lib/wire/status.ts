import type { StatusPorts } from "../actions/status/run.ts";
import { hostUrls } from "./host-urls.ts";
import { openLedger } from "./ledger.ts";
import { openRemote } from "./remote.ts";
import { openSight } from "./targets.ts";
import type { World } from "./world.ts";

/** The ports of `threads status`. */
export async function openStatus(
  world: Pick<World, "config" | "aws" | "clock" | "env" | "progress" | "signal" | "runtime">,
): Promise<StatusPorts> {
  const { clock, progress, signal } = world;
  const { config, aws, ledger } = await openLedger(world, signal);
  const urls = await hostUrls(config, world);
  const targetOf = openSight(config, openRemote(config, { aws, clock, signal }), { aws, clock, signal });
  return { config, targetOf, ledger, progress, clock, signal, urls };
}
