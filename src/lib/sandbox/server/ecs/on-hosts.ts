import type { LogStore } from "../logs/streams.ts";
import type { JsonService } from "../protocol.ts";
import type { Settings } from "../settings.ts";
import { dockerEngine } from "../ssm/docker-engine.ts";
import { dockerHosts } from "../ssm/docker-hosts.ts";
import { realPace } from "../ssm/hosts.ts";
import type { ListenerRule, TargetGroup } from "./balance/balancer.ts";
import { haproxy } from "./balance/haproxy.ts";
import { createEcs, type EcsSettings } from "./ecs.ts";
import { dockerRunner } from "./run/docker-runner.ts";
import { dockerMachines } from "./run/machines.ts";
import type { SecretPorts } from "./run/secrets.ts";

/** How often the scheduler looks; milliseconds. */
const lookEvery = 1_000;

export interface HostsSettings {
  readonly stateDir: string;
  /** Hosts are the containers labelled `threads.sandbox=<sandboxId>`. */
  readonly sandboxId: string;
  /** Path of the Docker Engine's unix socket. */
  readonly dockerSocket: string;
  readonly settings: Settings;
  readonly secrets: SecretPorts;
  readonly logs: LogStore;
  /** As JSON, and where the load balancer takes orders for them: `host:port`. Neither where there are none. */
  readonly targetGroups: string | undefined;
  readonly listenerRules: string | undefined;
  readonly balancer: string | undefined;
}

function balancedBy({
  targetGroups,
  listenerRules = "[]",
  balancer,
}: HostsSettings): Pick<EcsSettings, "balancer" | "targetGroups" | "listenerRules"> {
  if (targetGroups === undefined || balancer === undefined) return {};
  const [host = "", port = ""] = balancer.split(":");
  const groups = JSON.parse(targetGroups) as readonly TargetGroup[];
  const rules = JSON.parse(listenerRules) as readonly ListenerRule[];
  return { targetGroups: groups, listenerRules: rules, balancer: haproxy({ host, port: Number(port) }) };
}

/** ECS whose tasks are containers on the machines of its clusters, and whose scheduler looks once a second. */
export async function createEcsOnHosts(wanted: HostsSettings): Promise<JsonService> {
  const { stateDir, sandboxId, dockerSocket, settings, secrets, logs } = wanted;
  const { account, region } = secrets;
  const docker = dockerEngine(dockerSocket);
  const machines = dockerMachines(docker, sandboxId, dockerHosts(docker, sandboxId));
  const report = (line: string): void => console.error(line);
  const ecs = await createEcs({
    stateDir,
    account,
    region,
    now: Date.now,
    settings,
    machines: () => machines.list(),
    ...balancedBy(wanted),
    report,
    runner: dockerRunner({
      engines: (cluster) => machines.engines(cluster),
      secrets,
      logs,
      pace: realPace,
      report,
    }),
  });
  // Looking must not keep a server alive that is told to stop.
  setInterval(() => void ecs.tick(), lookEvery).unref();
  return ecs.service;
}
