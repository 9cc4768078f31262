import type { EnvironmentConfig } from "../../../config/config.ts";
import type { Host } from "../../../remote/remote.ts";
import { hasHosts, type HostedEnvironment, hostText, offlineText } from "../../../fleet/hosts.ts";
import { oldestAgent } from "../../../script/document-name.ts";
import { list } from "../../../text/words.ts";
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
  { name, hosts: { tag, value, minimum, documents } }: HostedEnvironment,
  hosts: readonly Host[],
): DoctorFinding {
  const next = [
    `threads status -e ${name}`,
    `aws ssm describe-instance-information --filters Key=tag:${tag},Values=${value}`,
  ];
  const fail = (says: string): DoctorFinding => ({ state: "fail", of: name, says, details, next });
  const updateAgent = `aws ssm send-command --document-name AWS-UpdateSSMAgent --targets Key=tag:${tag},Values=${value}`;
  const details = hosts.map((host) => `${hostText(host)}: ${host.online ? "online" : "offline"}, agent ${host.agent}`);
  if (hosts.length === 0) return fail(`no host with tag ${tag}=${value} is registered with SSM`);
  const offline = offlineText(hosts);
  if (offline !== undefined) return fail(offline);
  if (hosts.length < minimum) return fail(`${hosts.length} of at least ${minimum}`);
  const agents = [...new Set(hosts.map(({ agent }) => agent))];
  const many = `${hosts.length} online (at least ${minimum} wanted)`;
  const old = documents === true ? hosts.filter(({ agent }) => isOlder(agent, oldestAgent)) : [];
  if (old.length > 0)
    return {
      ...fail(`${list(old.map(hostText))} cannot take orders by documents: that needs SSM agent ${oldestAgent}`),
      next: [updateAgent],
    };
  if (agents.length === 1) return { ...ok(`${many}, agent ${agents[0]}`), of: name };
  return {
    state: "warn",
    of: name,
    says: `${many}, with different SSM agents: ${agents.join(", ")}`,
    details,
    next: [updateAgent],
  };
}

/** Numbers with points between them. */
function isOlder(version: string, than: string): boolean {
  const [one, other] = [version, than].map((text) => text.split(".").map(Number));
  const differs = other?.findIndex((part, place) => part !== one?.[place]) ?? -1;
  return differs >= 0 && (one?.[differs] ?? 0) < (other?.[differs] ?? 0);
}
