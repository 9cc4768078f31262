import { isOnThisMachine, isSandbox } from "../aws/early/sandbox.ts";
import type { Config } from "../config/config.ts";
import type { FollowSteps } from "../fleet/follow-steps.ts";
import type { ReadOut } from "../fleet/read-out.ts";
import type { FleetPorts } from "../fleet/ports.ts";
import type { GithubDeployments } from "../source/github-deployments.ts";
import { author } from "../ledger/author.ts";
import type { SsmPorts } from "../remote/ports.ts";
import { hostUrls } from "./host-urls.ts";
import type { OpenLedger } from "./ledger.ts";
import { openRemote } from "./remote.ts";
import type { World } from "./world.ts";

/** What changing hosts needs, whether the registry is asked or not. */
export async function fleetPorts(
  { config, aws, ledger }: OpenLedger,
  world: Pick<World, "clock" | "progress" | "isWatched" | "signal" | "cancelNow" | "detach" | "env" | "processes">,
): Promise<Omit<FleetPorts, "registryHost" | "checkAccount">> {
  const { clock, progress, signal, cancelNow, detach, env } = world;
  const remote = openRemote(config, { aws, clock });
  const urls = await hostUrls(config, world);
  return {
    config,
    region: aws.region,
    remote,
    ...(world.isWatched === true && { followSteps: await openSteps(config, { aws, clock }) }),
    ...(hasLogGroup(config) && { readOut: await openReadOut(config, { aws, clock, progress }) }),
    ...(isTold(config, env) && { github: await openGithub(config, world) }),
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

function hasLogGroup({ environments }: Config): boolean {
  return Object.values(environments).some(({ hosts }) => hosts?.logGroup !== undefined);
}

/** Loaded where a log group is named. */
async function openReadOut(config: Config, ports: SsmPorts & Pick<World, "progress">): Promise<ReadOut> {
  const { readOut } = await import("../fleet/read-out.ts");
  return readOut({ config, remote: openRemote(config, ports), warn: (text) => ports.progress.warn(text) });
}

/** Loaded where somebody watches; with eyes of its own, so that the look at the deployment is as quick as ever. */
async function openSteps(config: Config, ports: SsmPorts): Promise<FollowSteps> {
  const { followSteps } = await import("../fleet/follow-steps.ts");
  return followSteps({ remote: openRemote(config, ports), clock: ports.clock });
}

/** Of what is deployed in a sandbox nobody outside of this machine is told. */
function isTold({ github }: Config, env: World["env"]): boolean {
  return github.deployments && (!isSandbox(env) || isOnThisMachine(env["GITHUB_API_URL"] ?? ""));
}

/** Loaded where GitHub is told. */
async function openGithub(
  { root }: Config,
  { clock, detach, env, processes }: Pick<World, "clock" | "detach" | "env" | "processes">,
): Promise<GithubDeployments> {
  const { githubDeployments } = await import("../source/github-deployments.ts");
  return githubDeployments({ clock, detach, env, processes, root });
}
