import type { Input } from "../parts.ts";
import { containerBody, containerName, pauseName, type Place, stopSeconds, volumeName } from "./container-body.ts";
import { said, type TaskEngine } from "./engine.ts";
import { pause } from "./pause.ts";
import { type ContainerState, stopOrder } from "./order.ts";

/** The containers of one task on one engine. */
export interface TaskContainers {
  /** @returns whether there are any, left by a server before this one */
  exist(): Promise<boolean>;
  /** The network, the volumes, and every container, none of them started. @throws Error in docker's words */
  create(secrets: ReadonlyMap<string, readonly string[]>): Promise<void>;
  /** @returns undefined, or what docker says where it cannot be started */
  start(name: string): Promise<string | undefined>;
  look(): Promise<readonly ContainerState[]>;
  /** Where the ports are reached that a load balancer is to reach; none where there are none. */
  addresses(): Promise<Readonly<Record<number, string>>>;
  /** In the order of their dependencies, each with its own time before it is killed. */
  stop(): Promise<void>;
  remove(): Promise<void>;
}

export function taskContainers(place: Place, engine: TaskEngine): TaskContainers {
  const { task, definition } = place;
  const containers = definition.body.containerDefinitions;
  const filters = encodeURIComponent(JSON.stringify({ label: [`threads.ecs-task=${task.id}`] }));
  return {
    async exist() {
      const { status, body } = await engine.api("GET", `/containers/json?all=1&filters=${filters}`);
      if (status !== 200) throw new Error(said(body));
      return (JSON.parse(body) as readonly unknown[]).length > 0;
    },
    async create(secrets) {
      await pause(place, engine);
      for (const container of containers) {
        const name = String(container["name"]);
        const made = await engine.api(
          "POST",
          `/containers/create?name=${containerName(place, name)}`,
          containerBody(container, place, secrets.get(name) ?? []),
        );
        if (made.status !== 201)
          throw new Error(`CannotCreateContainerError: Error response from daemon: ${said(made.body)}`);
      }
    },
    async start(name) {
      const { status, body } = await engine.api("POST", `/containers/${containerName(place, name)}/start`);
      return status < 400 ? undefined : said(body);
    },
    look: () => Promise.all(containers.map((one) => look(String(one["name"]), place, engine))),
    addresses: () => addressesOf(place, engine),
    async stop() {
      for (const wave of stopOrder(containers))
        await Promise.all(
          wave.map((name) => {
            const own = containers.find((one) => one["name"] === name) ?? {};
            return engine.api("POST", `/containers/${containerName(place, name)}/stop?t=${stopSeconds(own)}`);
          }),
        );
    },
    async remove() {
      const names = [...containers.map((one) => containerName(place, String(one["name"]))), pauseName(place)];
      for (const name of names) await engine.api("DELETE", `/containers/${name}?force=1&v=1`);
      const volumes = (definition.body["volumes"] ?? []) as readonly Input[];
      for (const volume of volumes) await engine.api("DELETE", `/volumes/${volumeName(task, String(volume["name"]))}`);
    },
  };
}

interface Published {
  readonly Ports?: Readonly<Record<string, readonly { readonly HostPort: string }[] | null>>;
}

async function addressesOf(place: Place, engine: TaskEngine): Promise<Readonly<Record<number, string>>> {
  const { targets = [] } = place.task;
  if (targets.length === 0 || engine.address === undefined) return {};
  const { status, body } = await engine.api("GET", `/containers/${pauseName(place)}/json`);
  if (status >= 400) throw new Error(said(body));
  const { Ports = {} } = (JSON.parse(body) as { readonly NetworkSettings: Published }).NetworkSettings;
  const found = targets.map(({ port }) => [port, Ports[`${port}/tcp`]?.[0]?.HostPort] as const);
  return Object.fromEntries(
    found.flatMap(([port, outside]) => (outside === undefined ? [] : [[port, `${engine.address}:${outside}`]])),
  );
}

async function look(name: string, place: Place, engine: TaskEngine): Promise<ContainerState> {
  const { status, body } = await engine.api("GET", `/containers/${containerName(place, name)}/json`);
  if (status === 404) return { name, status: "absent" };
  if (status >= 400) throw new Error(said(body));
  const { Id, State } = JSON.parse(body) as {
    readonly Id: string;
    readonly State: {
      readonly Status: string;
      readonly ExitCode: number;
      readonly OOMKilled: boolean;
      readonly Health?: { readonly Status: string };
    };
  };
  const common = { name, runtimeId: Id };
  // One that docker could not start has a code too, and never ran.
  if (State.Status === "created") return { ...common, status: "created" };
  const health = ["starting", "healthy", "unhealthy"].find(
    (one) => one === State.Health?.Status,
  ) as ContainerState["health"];
  if (State.Status === "running" || State.Status === "paused")
    return { ...common, status: "running", ...(health !== undefined && { health }) };
  return { ...common, status: "exited", exitCode: State.ExitCode, oomKilled: State.OOMKilled };
}
