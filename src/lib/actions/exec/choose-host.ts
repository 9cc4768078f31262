import { suggest } from "../../config/suggest.ts";
import { ThreadsError } from "../../errors/threads-error.ts";
import { type HostedEnvironment, hostText, offlineText, shellOn } from "../../fleet/hosts.ts";
import type { Host } from "../../remote/remote.ts";
import { list } from "../../text/words.ts";

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
export function chooseHost(hosts: readonly Host[], { environment, host, only, type }: Wanted): Host {
  const { name, hosts: tag } = environment;
  if (hosts.length === 0)
    throw new ThreadsError("NO_HOSTS", {
      message: `no host of ${name} is registered with SSM (tag ${tag.tag}=${tag.value})`,
      next: [`threads status -e ${name}`, "threads sandbox up"],
    });
  const chosen = host === undefined ? standard(hosts, only) : named(hosts, { host, environment: name, type });
  if (chosen.online) return chosen;
  const offline = offlineText(host === undefined && only === undefined ? hosts : [chosen]) ?? "";
  const others = hosts.filter((one) => one.online && only === undefined);
  throw new ThreadsError("HOST_OFFLINE", {
    message: `in ${name}, ${offline}`,
    next: [...others.map((one) => type(addressOf(one, hosts))), `threads status -e ${name}`, shellOn(chosen)],
  });
}

function standard(hosts: readonly Host[], only: string | undefined): Host {
  const first = hosts.find(({ online }) => online) ?? hosts[0];
  return hosts.find(({ id }) => id === only) ?? (first as Host);
}

interface Named {
  readonly host: string;
  readonly environment: string;
  readonly type: (host: string) => string;
}

function named(hosts: readonly Host[], { host, environment, type }: Named): Host {
  const found = hosts.filter(({ id, name }) => id === host || name === host);
  const [one] = found;
  if (one !== undefined && found.length === 1) return one;
  if (found.length > 1)
    throw new ThreadsError("UNKNOWN_HOST", {
      message: `${found.length} hosts of ${environment} are called ${host}: ${found.map(({ id }) => id).join(", ")}`,
      next: found.map(({ id }) => type(id)),
    });
  const addresses = hosts.map((each) => addressOf(each, hosts));
  const meant = suggest(
    host,
    hosts.flatMap(({ id, name }) => [id, name]),
  );
  const first = meant === undefined ? addresses : [meant, ...addresses.filter((each) => each !== meant)];
  throw new ThreadsError("UNKNOWN_HOST", {
    message: `${environment} has no host ${host}, only ${list(hosts.map(hostText))}${meant === undefined ? "" : `; did you mean ${meant}?`}`,
    next: first.map(type),
  });
}

/** What names a host and no other. */
function addressOf({ id, name }: Host, hosts: readonly Host[]): string {
  return hosts.filter((other) => other.name === name).length === 1 ? name : id;
}
