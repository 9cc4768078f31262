import { dirname } from "node:path";
import { type ContainerSpec, data, inside, named, type SpecOptions } from "./container-spec.ts";
import { hostCredentials, roleForever } from "./roles.ts";
import type { Credentials } from "./server/sigv4.ts";
import type { HostState, MachineState, SandboxState } from "./state.ts";

/** A host of an environment, as it is started. */
export function hostSpec(host: HostState, { state, images, tags, runtime, app }: SpecOptions): ContainerSpec {
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
      ...labelled(labels),
    ],
    env: bootWith(host.id, hostCredentials(app, host, state), state),
    command: [],
  };
}

/** What the tasks of a cluster run on: an engine like a host's, which SSM knows nothing of. */
export function machineSpec(machine: MachineState, { state, images }: SpecOptions): ContainerSpec {
  const { id, name, cluster, role, isInstance } = machine;
  const labels = {
    "threads.ecs-machine": id,
    "threads.ecs-cluster": cluster,
    "threads.ecs-instance": String(isInstance),
  };
  return {
    ...named(state, name),
    image: images.host,
    // A name in the network has at most 63 letters, and that of a cluster may have more.
    options: [
      "--privileged",
      "--hostname",
      id,
      ...data(state, `${name}-docker`, "/var/lib/docker"),
      ...labelled(labels),
    ],
    env: bootWith(id, roleForever(role, id, state), state),
    command: [],
  };
}

function labelled(labels: Readonly<Record<string, string>>): string[] {
  return Object.entries(labels).flatMap(([key, value]) => ["--label", `${key}=${value}`]);
}

type Role = Required<Pick<Credentials, "accessKeyId" | "secretAccessKey" | "sessionToken">>;

/** What the image's entrypoint is told. */
function bootWith(id: string, credentials: Role, state: SandboxState): Record<string, string> {
  return {
    SANDBOX_SERVER: inside.aws,
    SANDBOX_PORT: String(state.port),
    SANDBOX_INSTANCE_ID: id,
    SANDBOX_ACCOUNT: state.account,
    SANDBOX_REGION: state.region,
    SANDBOX_ACCESS_KEY_ID: credentials.accessKeyId,
    SANDBOX_SECRET_ACCESS_KEY: credentials.secretAccessKey,
    SANDBOX_SESSION_TOKEN: credentials.sessionToken,
  };
}

/** The folder of the environment file, on a volume; not one that the system itself lives in, such as /etc. */
function environmentFolder(file: string): string[] {
  const folder = dirname(file);
  return folder.split("/").length > 2 ? [folder] : [];
}
