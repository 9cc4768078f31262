import { ThreadsError } from "../errors/threads-error.ts";
import type { Remote } from "../remote/remote.ts";
import { type HostedEnvironment, registeredHosts, requireOnline } from "./hosts.ts";
import { namedHost } from "./named-host.ts";
import type { FoundHosts } from "./out-of-reach.ts";

interface Wanted {
  readonly environment: HostedEnvironment;
  /** Names or ids of the hosts to leave out, as they were typed. */
  readonly without: readonly string[];
  /** The line that leaves out these instead. */
  readonly type: (without: readonly string[]) => string;
}

/**
 * The hosts of a deployment, all of them ready but those that somebody has named to be left out: of these nothing is asked.
 * @throws ThreadsError NO_HOSTS, TOO_FEW_HOSTS, HOST_OFFLINE, NO_HOST_LEFT (refused), UNKNOWN_HOST (usage)
 */
export async function hostsWithout({ environment, without, type }: Wanted, remote: Remote): Promise<FoundHosts> {
  const all = await registeredHosts(environment, remote);
  const named = new Set(
    without.map((host, index) =>
      namedHost(all, { host, environment: environment.name, type: (other) => type(without.with(index, other)) }),
    ),
  );
  const hosts = all.filter((host) => !named.has(host));
  if (hosts.length === 0) throw noneLeft(environment, type);
  requireOnline(environment, { all, hosts }, (offline) => type([...without, ...offline.map(({ id }) => id)]));
  return { hosts, leftOut: [...named].map(({ id, name }) => ({ id, name, why: "--without names it" })) };
}

function noneLeft({ name }: HostedEnvironment, type: Wanted["type"]): ThreadsError {
  return new ThreadsError("NO_HOST_LEFT", {
    message: `--without names every host of ${name}, so that nothing would be deployed`,
    next: [type([]), `threads status -e ${name}`],
  });
}

/** All hosts of an environment: none is left out before it was asked. @throws ThreadsError NO_HOSTS (refused) */
export async function everyHost(environment: HostedEnvironment, remote: Remote): Promise<FoundHosts> {
  return { hosts: await registeredHosts(environment, remote), leftOut: [] };
}
