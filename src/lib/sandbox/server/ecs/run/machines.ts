import type { Agent } from "node:http";
import type { ContainerSummary, DockerEngine } from "../../ssm/docker-engine.ts";
import type { HostExecutor } from "../../ssm/hosts.ts";
import { hostEngine, type TaskEngine } from "./engine.ts";
import { engineAgent } from "./engine-agent.ts";

/** What the sandbox has for the tasks of one cluster. */
export interface Machine {
  /** `i-…`. */
  readonly id: string;
  readonly cluster: string;
  /** Shown as a container instance: tasks of the launch type EC2 are for it. */
  readonly isInstance: boolean;
  readonly running: boolean;
  /** Epoch seconds. */
  readonly registeredAt: number;
}

export interface Machines {
  list(): Promise<readonly Machine[]>;
  /** The engines that run now on which tasks of a cluster may be. */
  engines(cluster: string): Promise<readonly TaskEngine[]>;
}

/**
 * Machines are the containers labelled `threads.ecs-machine=<i-…>` and `threads.ecs-cluster=<name>`. A cluster that was made by hand has
 * none: its tasks are on the hosts of environments.
 */
export function dockerMachines(docker: DockerEngine, sandboxId: string, executor: HostExecutor): Machines {
  const agents = new Map<string, Agent>();
  const agentOf = (reference: string): Agent => {
    const agent = agents.get(reference) ?? engineAgent(reference, docker);
    agents.set(reference, agent);
    return agent;
  };
  const list = (): Promise<readonly ContainerSummary[]> =>
    docker.list([`threads.sandbox=${sandboxId}`, "threads.ecs-machine"]);
  return {
    list: async () => (await list()).map(machineOf),
    async engines(cluster) {
      const own = (await list()).filter(({ Labels }) => Labels["threads.ecs-cluster"] === cluster);
      const machines = own.map((one) => ({ reference: one.Id, address: addressOf(one), ...machineOf(one) }));
      const hosts = async () =>
        (await executor.hosts()).map(({ instanceId: id, reference, running, ipAddress: address }) => ({
          id,
          reference,
          running,
          address,
        }));
      // One that is stopped is waited for: it is still the one that the cluster has.
      const all = machines.length > 0 ? machines : await hosts();
      return all.filter(({ running }) => running).map((one) => hostEngine(one, agentOf(one.reference), docker));
    },
  };
}

function addressOf({ NetworkSettings }: ContainerSummary): string | undefined {
  const networks = Object.values(NetworkSettings?.Networks ?? {});
  return networks.find(({ IPAddress }) => IPAddress)?.IPAddress;
}

function machineOf({ Labels, State, Created }: ContainerSummary): Machine {
  return {
    id: Labels["threads.ecs-machine"] ?? "",
    cluster: Labels["threads.ecs-cluster"] ?? "",
    isInstance: Labels["threads.ecs-instance"] === "true",
    running: State === "running",
    registeredAt: Created,
  };
}
