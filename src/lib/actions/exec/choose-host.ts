import { ThreadsError } from "../../errors/threads-error.ts";
import { type HostedEnvironment, offlineText, shellOn } from "../../fleet/hosts.ts";
import { addressOf, namedHost } from "../../fleet/named-host.ts";
import type { Member } from "../../fleet/target.ts";

interface Wanted {
  readonly environment: HostedEnvironment;
  /** As it was typed. */
  readonly host: string | undefined;
  /** Id of the one that has the service, where it runs on one only and that is known. */
  readonly only: string | undefined;
  /** The line for another host. */
  readonly type: (host: string) => string;
}

/**
 * The host that is named, the one that alone has the service, or the first that is online.
 * @throws ThreadsError NO_HOSTS, HOST_OFFLINE (refused), UNKNOWN_HOST (usage)
 */
export function chooseHost(hosts: readonly Member[], { environment, host, only, type }: Wanted): Member {
  const { name, hosts: tag } = environment;
  if (hosts.length === 0)
    throw new ThreadsError("NO_HOSTS", {
      message: `no host of ${name} is registered with SSM (tag ${tag.tag}=${tag.value})`,
      next: [`threads status -e ${name}`, "threads sandbox up"],
    });
  const chosen = host === undefined ? standard(hosts, only) : namedHost(hosts, { host, environment: name, type });
  if (chosen.online) return chosen;
  const offline = offlineText(host === undefined && only === undefined ? hosts : [chosen]) ?? "";
  const others = hosts.filter((one) => one.online && only === undefined);
  throw new ThreadsError("HOST_OFFLINE", {
    message: `in ${name}, ${offline}`,
    next: [...others.map((one) => type(addressOf(one, hosts))), `threads status -e ${name}`, shellOn(chosen)],
  });
}

function standard(hosts: readonly Member[], only: string | undefined): Member {
  const first = hosts.find(({ online }) => online) ?? hosts[0];
  return hosts.find(({ id }) => id === only) ?? (first as Member);
}
