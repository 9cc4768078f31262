import { isOnThisMachine, isSandbox } from "../aws/early/sandbox.ts";
import type { Config } from "../config/config.ts";
import type { FollowSteps, Reader } from "../hosts/follow-steps.ts";
import type { ReadOut } from "../hosts/read-out.ts";
import type { FleetPorts } from "../fleet/ports.ts";
import type { TaskTargetPorts } from "../tasks/ports.ts";
import type { GithubDeployments } from "../source/github-deployments.ts";
import { author } from "../ledger/author.ts";
import type { SsmPorts } from "../remote/ports.ts";
import { hostUrls } from "./host-urls.ts";
import type { OpenLedger } from "./ledger.ts";
import { openRemote } from "./remote.ts";
import { openTargets } from "./targets.ts";
import type { World } from "./world.ts";

/** What a rollout needs, whether the registry is asked or not. @param translated what a release is on ECS, where the registry is asked */
export async function fleetPorts(
  { config, aws, ledger }: OpenLedger,
  registryHost: string,
  world: Pick<World, "clock" | "progress" | "reader" | "signal" | "cancelNow" | "detach" | "env" | "processes">,
  translated?: TaskTargetPorts["translated"],
): Promise<Omit<FleetPorts, "checkAccount">> {
  const { clock, progress, signal, cancelNow, detach, env } = world;
  const urls = await hostUrls(config, world);
  return {
    config,
    targetOf: openTargets({
      config,
      registryHost,
      region: aws.region,
      remote: openRemote(config, { aws, clock }),
      ...(world.reader !== undefined && { followSteps: await openSteps(config, { aws, clock }, world.reader) }),
      ...(hasLogGroup(config) && { readOut: await openReadOut(config, { aws, clock, progress }) }),
      clock,
      progress,
      cancelNow,
      detach,
      tasks: { aws, ...(translated !== undefined && { translated }) },
    }),
    ...(isTold(config, env) && { github: await openGithub(config, world) }),
    ledger,
    author: author(env),
    progress,
    clock,
    pulse: (ms, over) => clock.sleep(ms, over),
    signal,
    detach,
    urls,
  };
}

function hasLogGroup({ environments }: Config): boolean {
  return Object.values(environments).some(({ hosts }) => hosts?.logGroup !== undefined);
}

/** Loaded where a log group is named. */
async function openReadOut(config: Config, ports: SsmPorts & Pick<World, "progress">): Promise<ReadOut> {
  const { readOut } = await import("../hosts/read-out.ts");
  return readOut({ config, remote: openRemote(config, ports), warn: (text) => ports.progress.warn(text) });
}

/** Loaded where somebody reads it; with eyes of its own, so that the look at the deployment is as quick as ever. */
async function openSteps(config: Config, ports: SsmPorts, reader: Reader): Promise<FollowSteps> {
  const { followSteps } = await import("../hosts/follow-steps.ts");
  return followSteps({ remote: openRemote(config, ports), clock: ports.clock, reader });
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
