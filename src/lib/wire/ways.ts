import type { Clock } from "../clock/clock.ts";
import type { Config, EnvironmentConfig } from "../config/config.ts";
import { ThreadsError } from "../errors/threads-error.ts";
import { hasHosts } from "../fleet/hosts.ts";
import type { WaysTo } from "../fleet/way.ts";
import type { Remote } from "../remote/remote.ts";
import { sandboxHosts, sandboxServices } from "./host-urls.ts";
import type { World } from "./world.ts";

type WaysWorld = Pick<World, "env" | "signal"> & { readonly clock: Pick<Clock, "sleep">; readonly remote: Remote };

/** How the application is asked, whatever an environment runs on. */
export function openWays(
  config: Pick<Config, "app" | "root" | "file" | "runtime">,
  { env, remote, clock, signal }: WaysWorld,
): WaysTo {
  return async (environment) => {
    if (hasHosts(environment)) {
      const { hostWays } = await import("../hosts/host-way.ts");
      return hostWays(config, environment.name, { remote, clock, signal });
    }
    const url = await urlOf(environment, config, { env });
    const [{ urlWay }, { httpGet }] = await Promise.all([
      import("../tasks/url-way.ts"),
      import("../probe/http-get.ts"),
    ]);
    return () => urlWay(url, { runtime: config.runtime, get: httpGet });
  };
}

/** In a sandbox its own: the address in threads.yml is that of another world. */
async function urlOf(
  { name, url }: EnvironmentConfig,
  config: Pick<Config, "root" | "file" | "runtime">,
  world: Pick<World, "env">,
): Promise<string> {
  const [hosts, services] = await Promise.all([sandboxHosts(config, world), sandboxServices(config, world)]);
  const own = services.find(({ environment }) => environment === name)?.url;
  if (own !== undefined) return own;
  if (hosts === undefined && url !== undefined) return url;
  throw new ThreadsError("NO_URL", {
    message:
      hosts === undefined
        ? `${name} runs on ECS, where it is asked by the address that people know, and it has no url in ${config.file}`
        : `${name} runs on ECS, where it is asked through its load balancer, and the sandbox has no target group of it`,
    next: [`threads status -e ${name}`],
    advice: [
      hosts === undefined
        ? `write below environments.${name}: url: https://…`
        : `write target_group below a task of environments.${name}.ecs.services`,
    ],
  });
}
