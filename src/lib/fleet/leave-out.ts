import type { EnvironmentConfig } from "../config/config.ts";
import { ThreadsError } from "../errors/threads-error.ts";
import { registeredHosts, requireOnline } from "./hosts.ts";
import { namedHost } from "./named-host.ts";
import type { FoundHosts } from "./out-of-reach.ts";
import type { Member, Sight } from "./target.ts";

/** What of a target says which members there are. */
export type Seen = Pick<Sight, "members" | "minimum" | "belongs">;

interface Wanted {
  readonly environment: EnvironmentConfig;
  /** Names or ids of the hosts to leave out, as they were typed. */
  readonly without: readonly string[];
  /** The line that leaves out these instead. */
  readonly type: (without: readonly string[]) => string;
}

/**
 * The hosts of a deployment, all of them ready but those that somebody has named to be left out: of these nothing is asked.
 * @throws ThreadsError NO_HOSTS, TOO_FEW_HOSTS, HOST_OFFLINE, NO_HOST_LEFT (refused), UNKNOWN_HOST (usage)
 */
export async function hostsWithout(wanted: Wanted, target: Seen): Promise<FoundHosts> {
  const { environment, without, type } = wanted;
  const all = await registeredHosts(environment, target);
  const found = leaveOut(all, wanted);
  requireOnline(environment, { target, all, hosts: found.hosts }, (offline) =>
    type([...without, ...offline.map(({ id }) => id)]),
  );
  return found;
}

/**
 * The hosts of a rollback: all but those that somebody has named to be left out. Who cannot be reached is found out later.
 * @throws ThreadsError NO_HOSTS, NO_HOST_LEFT (refused), UNKNOWN_HOST (usage)
 */
export async function hostsBut(wanted: Wanted, target: Seen): Promise<FoundHosts> {
  return leaveOut(await registeredHosts(wanted.environment, target), wanted);
}

function leaveOut(all: readonly Member[], { environment, without, type }: Wanted): FoundHosts {
  const named = new Set(
    without.map((host, index) =>
      namedHost(all, { host, environment: environment.name, type: (other) => type(without.with(index, other)) }),
    ),
  );
  const hosts = all.filter((host) => !named.has(host));
  if (hosts.length === 0) throw noneLeft(environment, type);
  return { hosts, leftOut: [...named].map(({ id, name }) => ({ id, name, why: "--without names it" })) };
}

function noneLeft({ name }: EnvironmentConfig, type: Wanted["type"]): ThreadsError {
  return new ThreadsError("NO_HOST_LEFT", {
    message: `--without names every host of ${name}, so that none would change`,
    next: [type([]), `threads status -e ${name}`],
  });
}

/** All hosts of an environment: none is left out before it was asked. @throws ThreadsError NO_HOSTS (refused) */
export async function everyHost(environment: EnvironmentConfig, target: Seen): Promise<FoundHosts> {
  return { hosts: await registeredHosts(environment, target), leftOut: [] };
}
