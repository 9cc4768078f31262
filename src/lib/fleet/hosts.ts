import type { Config, EnvironmentConfig } from "../config/config.ts";
import { environmentOf } from "../config/environment.ts";
import type { SettledCode } from "../errors/codes.ts";
import type { Next } from "../errors/next.ts";
import { ThreadsError } from "../errors/threads-error.ts";
import { are, count, list } from "../text/words.ts";
import { notOnEcs } from "./not-on-ecs.ts";
import type { Member, Sight } from "./target.ts";

/**
 * An environment that can be deployed to, whatever it runs on: of everything behind that, its Target knows.
 * @param type the command as it is typed for another environment. @throws ThreadsError UNKNOWN_ENVIRONMENT (usage), ENVIRONMENT_WITHOUT_HOSTS (refused)
 */
export function deployableEnvironment(
  config: Pick<Config, "environments">,
  name: string,
  type: (environment: string) => string,
): EnvironmentConfig {
  const found = environmentOf(config, name, type, isDeployable);
  if (isDeployable(found)) return found;
  throw withoutHosts(found, Object.values(config.environments).filter(isDeployable), type);
}

/** See deployableEnvironment. */
export function isDeployable(environment: EnvironmentConfig): boolean {
  return hasHosts(environment) || environment.ecs !== undefined;
}

/** An environment that runs on hosts. */
export type HostedEnvironment = EnvironmentConfig & { readonly hosts: NonNullable<EnvironmentConfig["hosts"]> };

/**
 * For what only hosts can do. @param type the command as it is typed for another environment
 * @param instead what does on ECS what the command would, for a person to type
 * @throws ThreadsError UNKNOWN_ENVIRONMENT (usage), ENVIRONMENT_WITHOUT_HOSTS, NOT_ON_ECS (refused)
 */
export function hostedEnvironment(
  config: Pick<Config, "environments">,
  name: string,
  type: (environment: string) => string,
  instead: (environment: EnvironmentConfig) => Next = () => ({ next: [], advice: [] }),
): HostedEnvironment {
  const found = environmentOf(config, name, type, hasHosts);
  if (hasHosts(found)) return found;
  const others = Object.values(config.environments).filter(hasHosts);
  if (found.ecs === undefined) throw withoutHosts(found, others, type);
  const { next, advice } = instead(found);
  throw notOnEcs(name, type(name), { next: [...next, ...others.map((one) => type(one.name))], advice });
}

function withoutHosts(
  { name }: EnvironmentConfig,
  others: readonly EnvironmentConfig[],
  type: (environment: string) => string,
): ThreadsError {
  return new ThreadsError("ENVIRONMENT_WITHOUT_HOSTS", {
    message: `${name} has no hosts in threads.yml, so nothing runs there`,
    next: others.map((environment) => type(environment.name)),
  });
}

export function hasHosts(environment: EnvironmentConfig): environment is HostedEnvironment {
  return environment.hosts !== undefined;
}

/** A host for people: its name, and its id where that is something else. */
export function hostText({ id, name }: Pick<Member, "id" | "name">): string {
  return name === id ? id : `${name} (${id})`;
}

/** Whether a member is no host, but the application in its cluster: an id says what it is. */
export function isApplication({ id }: Pick<Member, "id">): boolean {
  return id.startsWith("ecs:");
}

/** Why a member is not online: `web-1 is …`. */
export function whyOffline(member: Pick<Member, "id">): string {
  return isApplication(member) ? "in no ACTIVE cluster" : "not online in SSM";
}

/** How many members, for people: `3 hosts`. The application in its cluster is the only one there, and has a name. */
export function membersText(members: readonly Pick<Member, "id" | "name">[]): string {
  const [only] = members;
  return only !== undefined && isApplication(only) ? list(members.map(hostText)) : count(members.length, "host");
}

/** `web-1 (i-1) and web-2 (i-2) are not online in SSM`, `ecs:shop/shop-prod is in no ACTIVE cluster`; undefined where all are online. */
export function offlineText(hosts: readonly Member[]): string | undefined {
  const offline = hosts.filter(({ online }) => !online);
  const [first] = offline;
  if (first === undefined) return undefined;
  return `${list(offline.map(hostText))} ${are(offline.length)} ${whyOffline(first)}`;
}

/** The command that opens a shell on a host, for what only a person can mend there. */
export function shellOn({ id }: Pick<Member, "id">): string {
  return `aws ssm start-session --target ${id}`;
}

/** The environment's hosts, whatever state they are in. @throws ThreadsError NO_HOSTS (refused) */
export async function registeredHosts(
  { name }: EnvironmentConfig,
  target: Pick<Sight, "members" | "belongs">,
): Promise<readonly Member[]> {
  const hosts = await target.members();
  // SSM itself would call a command to nobody a success.
  if (hosts.length === 0)
    throw unfit("NO_HOSTS", name, `no host of ${name} is registered with SSM (${target.belongs})`);
  return hosts;
}

function unfit(code: SettledCode, environment: string, message: string, others: readonly string[] = []): ThreadsError {
  return new ThreadsError(code, {
    message,
    next: [`threads status -e ${environment}`, "threads sandbox up", ...others],
  });
}

interface Chosen {
  readonly target: Pick<Sight, "minimum">;
  /** Of the environment. */
  readonly all: readonly Member[];
  /** Those that are to be deployed to. */
  readonly hosts: readonly Member[];
}

/**
 * How many there are is asked of the environment, whether they are online of those that are to be deployed to.
 * @param without the line that goes on without some. @throws ThreadsError TOO_FEW_HOSTS, HOST_OFFLINE (refused)
 */
export function requireOnline(
  { name }: EnvironmentConfig,
  { target: { minimum }, all, hosts }: Chosen,
  without: (offline: readonly Member[]) => string,
): void {
  if (all.length < minimum)
    throw unfit("TOO_FEW_HOSTS", name, `${name} has ${count(all.length, "host")} and must have at least ${minimum}`);
  const text = offlineText(hosts);
  if (text === undefined) return;
  const offline = hosts.filter(({ online }) => !online);
  const others = offline.length < hosts.length ? [without(offline)] : [];
  throw unfit("HOST_OFFLINE", name, `in ${name}, ${text}`, others);
}
