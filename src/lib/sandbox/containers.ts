import { createHash } from "node:crypto";
import type { CommandLine } from "../process/processes.ts";
import { runContainer } from "./commands.ts";
import { alias, type ContainerSpec, data, inside, named, type SpecOptions } from "./container-spec.ts";
import { balancerApi, balancerSpec } from "./balancer-container.ts";
import { hostSpec, machineSpec } from "./host-container.ts";
import { objectName } from "./layout.ts";
import type { HostState } from "./state.ts";
import { listenerRulesOf, targetGroupsOf } from "./target-groups.ts";

const registryPort = 5000;

/** Services first, hosts and machines after. Pure: the same state gives the same words. */
export function containerSpecs(options: SpecOptions): ContainerSpec[] {
  return [
    registry(options),
    aws(options),
    ...(options.services.includes("postgres") ? [postgres(options)] : []),
    ...(options.services.includes("redis") ? [redis(options)] : []),
    ...(options.state.targetGroups.length > 0 ? [balancerSpec(options)] : []),
    ...options.state.hosts.map((host) => hostSpec(host, options)),
    ...options.state.machines.map((machine) => machineSpec(machine, options)),
  ];
}

/** Changes when anything that the container is started with changes. */
export function fingerprint(spec: ContainerSpec): string {
  const { name, image, options, env, command } = spec;
  return createHash("sha256").update(JSON.stringify({ name, image, options, env, command })).digest("hex").slice(0, 16);
}

/** What docker is told, without a single value of the environment. */
export function startCommand(spec: ContainerSpec, id: string): CommandLine {
  const { name, image, options, command } = spec;
  const network = objectName(id, "net");
  return runContainer(id, {
    name,
    image,
    options,
    command,
    network,
    env: Object.keys(spec.env),
    spec: fingerprint(spec),
  });
}

/** Where a host's requests go: `http://127.0.0.1:20010`. */
export function hostUrl(host: HostState): string {
  return `http://127.0.0.1:${host.httpPort}`;
}

function registry({ state, images }: SpecOptions): ContainerSpec {
  return {
    ...named(state, "registry"),
    image: images.services,
    options: [...alias(inside.registry), ...data(state, "registry", "/var/lib/registry")],
    env: { GOGC: "50", OTEL_TRACES_EXPORTER: "none" },
    command: ["docker-registry", "serve", "/etc/threads/registry.yml"],
  };
}

function aws({ state, images, engineSocket, checkedPath }: SpecOptions): ContainerSpec {
  return {
    ...named(state, "aws"),
    image: images.services,
    options: [
      "--init",
      ...alias(inside.aws),
      // The same number inside and outside, because it is part of image references.
      "--publish",
      `127.0.0.1:${state.port}:${state.port}`,
      ...data(state, "aws", "/var/lib/sandbox"),
      "--mount",
      `type=bind,source=${engineSocket},target=/var/run/docker.sock`,
    ],
    env: {
      PORT: String(state.port),
      REGISTRY_URL: `http://${inside.registry}:${registryPort}`,
      STATE_DIR: "/var/lib/sandbox",
      SANDBOX_ENDPOINT: `127.0.0.1:${state.port}`,
      SANDBOX_ACCOUNT: state.account,
      AWS_REGION: state.region,
      SANDBOX_ACCESS_KEY_ID: state.accessKeyId,
      SANDBOX_SECRET_ACCESS_KEY: state.secretAccessKey,
      SANDBOX_ID: state.id,
      DOCKER_SOCKET: "/var/run/docker.sock",
      ...(state.targetGroups.length > 0 && {
        TARGET_GROUPS: JSON.stringify(targetGroupsOf(state, checkedPath)),
        LISTENER_RULES: JSON.stringify(listenerRulesOf(state)),
        BALANCER: `${inside.balancer}:${balancerApi}`,
      }),
    },
    command: ["node", "dist/lib/sandbox/server/main.js"],
  };
}

function postgres({ state, images }: SpecOptions): ContainerSpec {
  const settings = {
    shared_buffers: "16MB",
    max_connections: "100",
    // A lost machine may cost the last half second, never consistency.
    synchronous_commit: "off",
    jit: "off",
    max_wal_size: "128MB",
    max_worker_processes: "2",
    max_logical_replication_workers: "0",
  };
  return {
    ...named(state, "postgres"),
    image: images.postgres,
    options: [...alias(inside.postgres), ...data(state, "postgres", "/var/lib/postgresql/data"), "--shm-size", "64m"],
    env: { POSTGRES_PASSWORD: state.postgresPassword },
    command: ["postgres", ...Object.entries(settings).flatMap(([key, value]) => ["-c", `${key}=${value}`])],
  };
}

function redis({ state, images }: SpecOptions): ContainerSpec {
  return {
    ...named(state, "redis"),
    image: images.redis,
    options: [...alias(inside.redis), ...data(state, "redis", "/data")],
    env: {},
    // Queued tasks survive a restart, as they do in ElastiCache.
    command: [
      "redis-server",
      "--appendonly",
      "yes",
      "--save",
      "",
      "--maxmemory",
      "128mb",
      "--maxmemory-policy",
      "noeviction",
    ],
  };
}
