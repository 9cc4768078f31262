import type { Config, EnvironmentConfig } from "../config/config.ts";
import { environmentOf } from "../config/environment.ts";
import type { SettledCode } from "../errors/codes.ts";
import { ThreadsError } from "../errors/threads-error.ts";
import type { Host, Remote } from "../remote/remote.ts";
import { are, count, list } from "../text/words.ts";

/** An environment that can be deployed to. */
export type HostedEnvironment = EnvironmentConfig & { readonly hosts: NonNullable<EnvironmentConfig["hosts"]> };

/** @param type the command as it is typed for another environment. @throws ThreadsError UNKNOWN_ENVIRONMENT (usage), ENVIRONMENT_WITHOUT_HOSTS (refused) */
export function hostedEnvironment(
  config: Pick<Config, "environments">,
  name: string,
  type: (environment: string) => string,
): HostedEnvironment {
  const found = environmentOf(config, name, type, hasHosts);
  if (hasHosts(found)) return found;
  throw new ThreadsError("ENVIRONMENT_WITHOUT_HOSTS", {
    message: `${name} has no hosts in threads.yml, so nothing runs there`,
    next: Object.values(config.environments)
      .filter(hasHosts)
      .map((environment) => type(environment.name)),
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

function unfit(code: SettledCode, { name }: HostedEnvironment, message: string): ThreadsError {
  return new ThreadsError(code, { message, next: [`threads status -e ${name}`, "threads sandbox up"] });
}

/** The same, all of them ready to be deployed to. @throws ThreadsError NO_HOSTS, TOO_FEW_HOSTS, HOST_OFFLINE (refused) */
export async function readyHosts(environment: HostedEnvironment, remote: Remote): Promise<readonly Host[]> {
  const { minimum } = environment.hosts;
  const hosts = await registeredHosts(environment, remote);
  const refuse = (code: SettledCode, message: string): ThreadsError => unfit(code, environment, message);
  if (hosts.length < minimum)
    throw refuse(
      "TOO_FEW_HOSTS",
      `${environment.name} has ${count(hosts.length, "host")} and must have at least ${minimum}`,
    );
  const offline = offlineText(hosts);
  if (offline !== undefined) throw refuse("HOST_OFFLINE", `in ${environment.name}, ${offline}`);
  return hosts;
}
