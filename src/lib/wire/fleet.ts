import type { FleetPorts } from "../fleet/ports.ts";
import { author } from "../ledger/author.ts";
import { ssmRemote } from "../remote/ssm.ts";
import { hostUrls } from "./host-urls.ts";
import type { OpenLedger } from "./ledger.ts";
import type { World } from "./world.ts";

/** What changing hosts needs, whether the registry is asked or not. */
export async function fleetPorts(
  { config, aws, ledger }: OpenLedger,
  world: Pick<World, "clock" | "progress" | "signal" | "cancelNow" | "detach" | "env">,
): Promise<Omit<FleetPorts, "registryHost" | "checkAccount">> {
  const { clock, progress, signal, cancelNow, detach, env } = world;
  const remote = ssmRemote({ aws, clock });
  const urls = await hostUrls(config, world);
  return {
    config,
    region: aws.region,
    remote,
    ledger,
    author: author(env),
    progress,
    clock,
    pulse: (ms, over) => clock.sleep(ms, over),
    signal,
    cancelNow,
    detach,
    urls,
  };
}
