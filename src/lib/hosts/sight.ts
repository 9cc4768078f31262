import type { HostedEnvironment } from "../fleet/hosts.ts";
import type { Sight } from "../fleet/target.ts";
import type { Remote } from "../remote/remote.ts";
import { observe } from "./observe.ts";

/** The hosts of an environment, behind SSM, as they can be seen. */
export function hostSight(
  environment: HostedEnvironment,
  { app, remote }: { readonly app: string; readonly remote: Remote },
): Sight {
  const { tag, value, minimum } = environment.hosts;
  return {
    minimum,
    belongs: `tag ${tag}=${value}`,
    members: () => remote.hosts(environment.hosts),
    former: (ids) => remote.registered(ids),
    look: (hosts, signal) => observe({ app, environment: environment.name, hosts }, { remote, signal }),
  };
}
