import type { Config, EnvironmentConfig } from "../config/config.ts";
import { environmentOf } from "../config/environment.ts";
import type { SettledCode } from "../errors/codes.ts";
import { ThreadsError } from "../errors/threads-error.ts";
import type { Host, Remote } from "../remote/remote.ts";
import { are, count, list } from "../text/words.ts";

/** An environment that can be deployed to. */
export type HostedEnvironment = EnvironmentConfig & { readonly hosts: NonNullable<EnvironmentConfig["hosts"]> };

/** @param type the command as it is typed for another environment. @throws ThreadsError UNKNOWN_ENVIRONMENT (usage), ENVIRONMENT_WITHOUT_HOSTS, NOT_ON_ECS (refused) */
export function hostedEnvironment(
  config: Pick<Config, "environments">,
  name: string,
  type: (environment: string) => string,
): HostedEnvironment {
  const found = environmentOf(config, name, type, hasHosts);
  if (hasHosts(found)) return found;
  const others = Object.values(config.environments)
    .filter(hasHosts)
    .map((environment) => type(environment.name));
  if (found.ecs !== undefined) throw notOnEcs(found, { line: type(name), others });
  throw new ThreadsError("ENVIRONMENT_WITHOUT_HOSTS", {
    message: `${name} has no hosts in threads.yml, so nothing runs there`,
    next: others,
  });
}

/** What threads can do on hosts alone. The one place where it is said. */
function notOnEcs(
  { name }: EnvironmentConfig,
  { line, others }: { readonly line: string; readonly others: readonly string[] },
): ThreadsError {
  const verb = line.split(" ").slice(0, 2).join(" ");
  return new ThreadsError("NOT_ON_ECS", {
    message: `${name} runs on ECS, where \`${verb}\` can do nothing yet`,
    next: [`threads ecs render -e ${name}`, ...others],
    advice: ["what ECS is to run, `threads ecs render` prints: hand that to what deploys there today"],
  });
}

export function hasHosts(environment: EnvironmentConfig): environment is HostedEnvironment {
  return environment.hosts !== undefined;
}

/** A host for people: its name, and its id where that is something else. */
export function hostText({ id, name }: Pick<Host, "id" | "name">): string {
  return name === id ? id : `${name} (${id})`;
}

/** `web-1 (i-1) and web-2 (i-2) are not online in SSM`; undefined where all are online. */
export function offlineText(hosts: readonly Host[]): string | undefined {
  const offline = hosts.filter(({ online }) => !online).map(hostText);
  return offline.length === 0 ? undefined : `${list(offline)} ${are(offline.length)} not online in SSM`;
}

/** The command that opens a shell on a host, for what only a person can mend there. */
export function shellOn({ id }: Pick<Host, "id">): string {
  return `aws ssm start-session --target ${id}`;
}

/** The environment's hosts, whatever state they are in. @throws ThreadsError NO_HOSTS (refused) */
export async function registeredHosts(environment: HostedEnvironment, remote: Remote): Promise<readonly Host[]> {
  const { tag, value } = environment.hosts;
  const hosts = await remote.hosts(environment.hosts);
  // SSM itself would call a command to nobody a success.
  if (hosts.length === 0)
    throw unfit("NO_HOSTS", environment, `no host of ${environment.name} is registered with SSM (tag ${tag}=${value})`);
  return hosts;
}

function unfit(
  code: SettledCode,
  { name }: HostedEnvironment,
  message: string,
  others: readonly string[] = [],
): ThreadsError {
  return new ThreadsError(code, { message, next: [`threads status -e ${name}`, "threads sandbox up", ...others] });
}

interface Chosen {
  /** Of the environment. */
  readonly all: readonly Host[];
  /** Those that are to be deployed to. */
  readonly hosts: readonly Host[];
}

/**
 * How many there are is asked of the environment, whether they are online of those that are to be deployed to.
 * @param without the line that goes on without some. @throws ThreadsError TOO_FEW_HOSTS, HOST_OFFLINE (refused)
 */
export function requireOnline(
  environment: HostedEnvironment,
  { all, hosts }: Chosen,
  without: (offline: readonly Host[]) => string,
): void {
  const { minimum } = environment.hosts;
  const { name } = environment;
  if (all.length < minimum)
    throw unfit(
      "TOO_FEW_HOSTS",
      environment,
      `${name} has ${count(all.length, "host")} and must have at least ${minimum}`,
    );
  const text = offlineText(hosts);
  if (text === undefined) return;
  const offline = hosts.filter(({ online }) => !online);
  const others = offline.length < hosts.length ? [without(offline)] : [];
  throw unfit("HOST_OFFLINE", environment, `in ${name}, ${text}`, others);
}
