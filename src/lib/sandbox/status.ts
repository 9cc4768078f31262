import { engineSocket } from "../docker/address.ts";
import { measureMemory } from "../docker/memory.ts";
import type { Next } from "../errors/next.ts";
import { hostUrl } from "./containers.ts";
import { containersOf } from "./engine.ts";
import { isHealthy } from "./health.ts";
import { objectName } from "./layout.ts";
import type { Listed } from "./plan.ts";
import { knownState, notUp, type SandboxPorts } from "./sandbox.ts";
import type { MachineState, SandboxState } from "./state.ts";
import { servicesIn } from "./target-groups.ts";
import type { UpResult } from "./up-result.ts";

export interface ContainerStatus {
  readonly name: string;
  /** `running`, `stopped`, `paused` or `missing`. */
  readonly state: string;
  /** In Docker's words: `Exited (137) 2 minutes ago`. */
  readonly detail: string;
  /** Null where it does not run. */
  readonly memoryBytes: number | null;
}

interface SandboxClusterStatus extends ContainerStatus {
  readonly id: string;
  readonly cluster: string;
  readonly environments: readonly string[];
  readonly services: UpResult["clusters"][number]["services"];
}

interface SandboxHostStatus extends ContainerStatus {
  readonly id: string;
  readonly env: string;
  /** Null where the compose file shows the port to the host alone. */
  readonly url: string | null;
}

export interface SandboxStatusResult extends Next {
  /** complete: every container of the sandbox runs. */
  readonly outcome: "complete" | "incomplete";
  readonly id: string;
  readonly endpoint: string;
  readonly repository: string;
  readonly region: string;
  readonly account: string;
  readonly services: readonly ContainerStatus[];
  readonly hosts: readonly SandboxHostStatus[];
  /** Clusters of ECS, by the machines on which their tasks run. */
  readonly clusters: readonly SandboxClusterStatus[];
  readonly memoryBytes: number;
}

interface StatusOptions {
  /** The CLI's environment, for DOCKER_HOST. */
  readonly env: Readonly<Record<string, string | undefined>>;
}

type SandboxStatusPorts = Pick<SandboxPorts, "config" | "processes" | "bound">;

/**
 * What runs of this checkout's sandbox, and what it costs.
 * @throws ThreadsError refused, where there is none or its endpoint does not answer
 */
export async function status(
  { env }: StatusOptions,
  { config, processes, bound }: SandboxStatusPorts,
): Promise<SandboxStatusResult> {
  const state = knownState(config.root);
  const listed = new Map((await containersOf(state.id, processes)).map((container) => [container.name, container]));
  const running = [...listed.values()].filter((container) => container.state === "running").map(({ name }) => name);
  const [healthy, memory, why] = await Promise.all([
    isHealthy(state.port),
    measureMemory({ names: running, socket: engineSocket(env) }, processes),
    bound(),
  ]);
  const of = (part: string): ContainerStatus => {
    const name = objectName(state.id, part);
    return containerStatus(part, listed.get(name), memory.get(name) ?? null);
  };
  const hosts = state.hosts.map((host) => ({
    ...of(host.name),
    id: host.id,
    env: host.env,
    url: why === undefined ? hostUrl(host) : null,
  }));
  const clusters = state.machines.map((machine) => clusterStatus(machine, state, of(machine.name)));
  const services = ["aws", "registry", ...config.sandbox.services, ...balancerOf(state)].map(of);
  const all = [...services, ...hosts, ...clusters];
  if (!healthy)
    throw notUp(
      "the sandbox of this checkout is not up",
      all.map(({ name, state: word, detail }) => `${name}: ${word} ${detail}`.trim()),
    );
  const complete = all.every((container) => container.state === "running");
  return {
    outcome: complete ? "complete" : "incomplete",
    id: state.id,
    endpoint: `http://127.0.0.1:${state.port}`,
    repository: `127.0.0.1:${state.port}/${config.app}/`,
    region: state.region,
    account: state.account,
    services,
    hosts,
    clusters,
    memoryBytes: all.reduce((sum, container) => sum + (container.memoryBytes ?? 0), 0),
    next: complete ? [] : ["threads sandbox up"],
    advice: [],
  };
}

function clusterStatus(
  { id, cluster, environments }: MachineState,
  state: SandboxState,
  found: ContainerStatus,
): SandboxClusterStatus {
  return { ...found, id, cluster, environments, services: servicesIn(environments, state) };
}

function containerStatus(name: string, found: Listed | undefined, memoryBytes: number | null): ContainerStatus {
  return { name, state: stateWord(found?.state), detail: found?.status ?? "", memoryBytes };
}

function balancerOf({ targetGroups }: SandboxState): readonly string[] {
  return targetGroups.length > 0 ? ["balancer"] : [];
}

function stateWord(state: string | undefined): string {
  if (state === undefined) return "missing";
  return ["exited", "dead", "created", "removing"].includes(state) ? "stopped" : state;
}
