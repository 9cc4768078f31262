import type { Task } from "../progress/progress.ts";
import { createNetwork } from "./commands.ts";
import type { ContainerSpec } from "./container-spec.ts";
import { hostUrl, startCommand } from "./containers.ts";
import { ensureClusters } from "./ensure-clusters.ts";
import { type EcsSettings, ensureSettings } from "./ensure-settings.ts";
import { docker } from "./engine.ts";
import { endpointReady } from "./health.ts";
import { objectName } from "./layout.ts";
import type { UpPlan } from "./plan.ts";
import { databasesReady, hostReady, machineReady, redisReady } from "./readiness.ts";
import { ensureRepositories } from "./repositories.ts";
import { ensureRoles } from "./roles.ts";
import type { SandboxRole } from "./server/iam/access-control.ts";
import type { SandboxPorts } from "./sandbox.ts";
import { list } from "../text/words.ts";
import { type HostState, type MachineState, type SandboxState, writeState } from "./state.ts";

/** The application's environment file for the hosts of each environment. */
export type HostFiles = ReadonlyMap<string, string>;

export interface StartOptions {
  readonly state: SandboxState;
  readonly specs: readonly ContainerSpec[];
  readonly plan: UpPlan;
  readonly hadNetwork: boolean;
  readonly hostFiles: HostFiles;
  /** Names of all that there must be. */
  readonly repositories: readonly string[];
  readonly roles: readonly SandboxRole[];
  readonly settings: readonly EcsSettings[];
}

/** Starts what the plan says, all at once, and waits until every part of the sandbox is ready. */
export async function startContainers(options: StartOptions, ports: SandboxPorts): Promise<void> {
  const { state, plan } = options;
  if (!options.hadNetwork) await docker(ports.processes, createNetwork(state.id, objectName(state.id, "net")));
  const toStart = new Map(plan.start.map((spec) => [spec.part, spec]));
  const start = async (part: string): Promise<void> => {
    ports.signal.throwIfAborted();
    const spec = toStart.get(part);
    if (spec === undefined) return;
    // Without the signal: a `docker run` cut short may leave a container that nobody knows of.
    await docker(ports.processes, startCommand(spec, state.id), { env: spec.env });
  };
  // Hosts first: they take longest, and starting the services fits into their boot.
  const hosts = new Map([...state.hosts, ...state.machines].map(({ name }) => [name, start(name)]));
  const hostsStarted = Promise.allSettled(hosts.values());
  const afterHosts: Start = async (part) => {
    await hostsStarted;
    await start(part);
  };
  const tasks = [
    ...state.hosts.map((host) => hostTask(host, async (name) => hosts.get(name), options, ports)),
    ...state.machines.map((machine) => machineTask(machine, async (name) => hosts.get(name), options, ports)),
    endpointTask(afterHosts, options, ports),
    ...dataTasks(afterHosts, options, ports),
  ];
  await ports.progress.tasks(tasks, { concurrent: true });
}

type Start = (part: string) => Promise<void>;

function hostTask(host: HostState, start: Start, { state, hostFiles }: StartOptions, ports: SandboxPorts): Task<void> {
  return {
    title: `Host ${host.name}`,
    run: async (step) => {
      await start(host.name);
      step.update("waiting for its Docker engine");
      const file = { path: ports.config.runtime.envFile, text: hostFiles.get(host.env) ?? "" };
      await hostReady({ container: objectName(state.id, host.name), file }, ports);
      const at = (await ports.bound()) === undefined ? ` at ${hostUrl(host)}` : "";
      step.done(`Host ${host.name} (${host.id})${at}`);
    },
  };
}

function machineTask(machine: MachineState, start: Start, { state }: StartOptions, ports: SandboxPorts): Task<void> {
  const { name, cluster } = machine;
  return {
    title: `Cluster ${cluster}`,
    run: async (step) => {
      await start(name);
      step.update("waiting for its Docker engine");
      await machineReady(objectName(state.id, name), ports);
      step.done(`Cluster ${cluster} of ECS, for ${list(machine.environments)}`);
    },
  };
}

function endpointTask(start: Start, options: StartOptions, ports: SandboxPorts): Task<void> {
  const { state, repositories, roles, settings } = options;
  return {
    title: "ECR, SSM and STS",
    run: async (step) => {
      await Promise.all([start("aws"), start("registry"), start("balancer")]);
      step.update("waiting for the endpoint");
      await endpointReady(state, [objectName(state.id, "aws"), objectName(state.id, "registry")], ports);
      step.update("creating repositories");
      await ensureRepositories(state, repositories, ports.signal);
      await ensureRoles(state, roles, ports.signal);
      await ensureClusters(state, ports.config, ports.signal);
      await ensureSettings(state, settings, ports);
      step.done(`ECR, SSM and STS at http://127.0.0.1:${state.port}`);
    },
  };
}

function dataTasks(start: Start, { state }: StartOptions, ports: SandboxPorts): Task<void>[] {
  const tasks: Record<"postgres" | "redis", Task<void>> = {
    postgres: {
      title: "PostgreSQL",
      run: async () => {
        await start("postgres");
        await databasesReady(ports.config.app, state, ports);
        writeState({ ...state, databasesMade: true });
      },
    },
    redis: {
      title: "Redis",
      run: async () => {
        await start("redis");
        await redisReady(state, ports);
      },
    },
  };
  return ports.config.sandbox.services.map((service) => tasks[service]);
}
