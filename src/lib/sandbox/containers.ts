import { createHash } from "node:crypto";
import { dirname } from "node:path";
import type { Config } from "../config/config.ts";
import type { CommandLine } from "../process/processes.ts";
import { runContainer, volume } from "./commands.ts";
import { objectName } from "./layout.ts";
import { hostCredentials } from "./roles.ts";
import type { HostState, SandboxState } from "./state.ts";

/** One container as it should be. */
export interface ContainerSpec {
  /** Short name: `aws`, `prod-1`. */
  readonly part: string;
  readonly name: string;
  readonly image: string;
  readonly options: readonly string[];
  readonly env: Readonly<Record<string, string>>;
  readonly command: readonly string[];
}

export interface Images {
  readonly services: string;
  readonly host: string;
  readonly postgres: string;
  readonly redis: string;
}

export interface SpecOptions {
  readonly state: SandboxState;
  readonly images: Images;
  /** Path of the engine's socket, mounted into the server that executes commands on hosts. */
  readonly engineSocket: string;
  /** SSM tag that says which environment a host belongs to: key and value by environment. */
  readonly tags: Readonly<Record<string, { readonly tag: string; readonly value: string }>>;
  /** What runs beside the hosts. */
  readonly services: Config["sandbox"]["services"];
  /** Where a host answers, and where it keeps the application's environment file. */
  readonly runtime: Pick<Config["runtime"], "port" | "envFile">;
  /** Its name is the beginning of those of its roles. */
  readonly app: string;
}

/** Names inside the sandbox's network; a domain of their own keeps them apart from services of the application. */
export const inside = {
  registry: "registry.internal",
  aws: "aws.internal",
  postgres: "postgres.internal",
  redis: "redis.internal",
};

const registryPort = 5000;

/** Services first, hosts after. Pure: the same state gives the same words. */
export function containerSpecs(options: SpecOptions): ContainerSpec[] {
  return [
    registry(options),
    aws(options),
    ...(options.services.includes("postgres") ? [postgres(options)] : []),
    ...(options.services.includes("redis") ? [redis(options)] : []),
    ...options.state.hosts.map((host) => hostSpec(host, options)),
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

function aws({ state, images, engineSocket }: SpecOptions): ContainerSpec {
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

function hostSpec(host: HostState, { state, images, tags, runtime, app }: SpecOptions): ContainerSpec {
  const { accessKeyId, secretAccessKey, sessionToken } = hostCredentials(app, host, state);
  const tag = tags[host.env] ?? { tag: "threads-env", value: host.env };
  const labels = {
    "threads.host": host.id,
    [`threads.tag.${tag.tag}`]: tag.value,
    "threads.tag.Name": host.name,
    "threads.registered-at": host.registeredAt,
  };
  return {
    ...named(state, host.name),
    image: images.host,
    options: [
      "--privileged",
      "--hostname",
      host.name,
      "--publish",
      `127.0.0.1:${host.httpPort}:${runtime.port}`,
      ...data(state, `${host.name}-docker`, "/var/lib/docker"),
      // What `down` and `up` must not lose on an instance: its environment file, and what deploys leave behind.
      ...environmentFolder(runtime.envFile).flatMap((folder) => data(state, `${host.name}-etc`, folder)),
      ...data(state, `${host.name}-lib`, "/var/lib/threads"),
      ...Object.entries(labels).flatMap(([key, value]) => ["--label", `${key}=${value}`]),
    ],
    env: {
      SANDBOX_SERVER: inside.aws,
      SANDBOX_PORT: String(state.port),
      SANDBOX_INSTANCE_ID: host.id,
      SANDBOX_ACCOUNT: state.account,
      SANDBOX_REGION: state.region,
      SANDBOX_ACCESS_KEY_ID: accessKeyId,
      SANDBOX_SECRET_ACCESS_KEY: secretAccessKey,
      SANDBOX_SESSION_TOKEN: sessionToken,
    },
    command: [],
  };
}

/** The folder of the environment file, on a volume; not one that the system itself lives in, such as /etc. */
function environmentFolder(file: string): string[] {
  const folder = dirname(file);
  return folder.split("/").length > 2 ? [folder] : [];
}

function named(state: SandboxState, part: string): { part: string; name: string } {
  return { part, name: objectName(state.id, part) };
}

function alias(name: string): string[] {
  return ["--network-alias", name];
}

function data(state: SandboxState, part: string, target: string): string[] {
  return volume({ id: state.id, name: objectName(state.id, part), target });
}
