import type { EnvironmentConfig } from "../../../config/config.ts";
import type { Host } from "../../../remote/remote.ts";
import { hasHosts, type HostedEnvironment, hostText, offlineText } from "../../../fleet/hosts.ts";
import { type Check, type DoctorFinding, ok } from "../check.ts";

export const hostsCheck: Check = {
  id: "hosts",
  title: "hosts",
  look: async (ports) => {
    const environments: readonly EnvironmentConfig[] = await ports.environments();
    return Promise.all(
      environments
        .filter(hasHosts)
        .map(async (environment) => judgeHosts(environment, await ports.hosts(environment.hosts))),
    );
  },
};

export function judgeHosts(
  { name, hosts: { tag, value, minimum } }: HostedEnvironment,
  hosts: readonly Host[],
): DoctorFinding {
  const next = [
    `threads status -e ${name}`,
    `aws ssm describe-instance-information --filters Key=tag:${tag},Values=${value}`,
  ];
  const fail = (says: string): DoctorFinding => ({ state: "fail", of: name, says, details, next });
  const details = hosts.map((host) => `${hostText(host)}: ${host.online ? "online" : "offline"}, agent ${host.agent}`);
  if (hosts.length === 0) return fail(`no host with tag ${tag}=${value} is registered with SSM`);
  const offline = offlineText(hosts);
  if (offline !== undefined) return fail(offline);
  if (hosts.length < minimum) return fail(`${hosts.length} of at least ${minimum}`);
  const agents = [...new Set(hosts.map(({ agent }) => agent))];
  const many = `${hosts.length} online (at least ${minimum} wanted)`;
  if (agents.length === 1) return { ...ok(`${many}, agent ${agents[0]}`), of: name };
  return {
    state: "warn",
    of: name,
    says: `${many}, with different SSM agents: ${agents.join(", ")}`,
    details,
    next: [`aws ssm send-command --document-name AWS-UpdateSSMAgent --targets Key=tag:${tag},Values=${value}`],
  };
}
