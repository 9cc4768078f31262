import { listImages, remove, removeImages, stopContainers } from "../docker/commands.ts";
import type { Next } from "../errors/next.ts";
import { ThreadsError } from "../errors/threads-error.ts";
import { step } from "../progress/progress.ts";
import { listNames } from "./commands.ts";
import { containersOf, docker, lines } from "./engine.ts";
import { objectName, sandboxId } from "./layout.ts";
import { withLock } from "./lock.ts";
import type { Listed } from "./plan.ts";
import type { SandboxPorts } from "./sandbox.ts";
import { readState, removeState, writeState } from "./state.ts";
import { count } from "../text/words.ts";

export interface DownOptions {
  /** Also remove the volumes and the state: images, parameters, databases, credentials, ports. */
  readonly purge: boolean;
  readonly dryRun?: boolean;
}

export interface DownResult extends Next {
  /** nothing: there was neither a container nor data. */
  readonly outcome: "stopped" | "already-down" | "purged" | "nothing" | "planned";
  readonly id: string;
  /** Of a plan, what would be. */
  readonly removed: {
    readonly containers: number;
    readonly networks: number;
    readonly volumes: number;
    /** Names that images of this machine have in the sandbox's registry. */
    readonly images: number;
  };
  /** Volumes that are kept for the next `up`. */
  readonly kept: number;
}

const hostStopSeconds = 10;
const serviceStopSeconds = 10;

/** Stops and removes what runs; the data stays unless it is purged. Nothing there is success too. */
export function down(options: DownOptions, ports: DownPorts): Promise<DownResult> {
  const { root } = ports.config;
  return options.dryRun === true ? plan(options, ports) : withLock(root, () => downAlone(options, ports));
}

type DownPorts = Pick<SandboxPorts, "config" | "processes" | "progress">;

interface Found {
  readonly id: string;
  readonly containers: readonly Listed[];
  readonly networks: readonly string[];
  readonly volumes: readonly string[];
  /** What publish and promote have left on this machine under the name of a registry that is gone then. */
  readonly images: readonly string[];
}

async function look({ processes, config }: DownPorts): Promise<Found> {
  const id = sandboxId(config.root);
  const port = portOf(config.root);
  const [containers, networks, volumes, images] = await Promise.all([
    containersOf(id, processes),
    lines(processes, listNames("network", id)),
    lines(processes, listNames("volume", id)),
    port === undefined ? [] : lines(processes, listImages()),
  ]);
  // Another sandbox has another port.
  return { id, containers, networks, volumes, images: images.filter((name) => name.startsWith(`127.0.0.1:${port}/`)) };
}

/** A state that cannot be read is what --purge is there for. */
function portOf(root: string): number | undefined {
  try {
    return readState(root)?.port;
  } catch (error) {
    if (error instanceof ThreadsError) return undefined;
    throw error;
  }
}

async function plan({ purge }: DownOptions, ports: DownPorts): Promise<DownResult> {
  const found = await look(ports);
  const ended = endOf(found, purge);
  if (ended.outcome === "nothing" || ended.outcome === "already-down") return ended;
  return { ...ended, outcome: "planned", next: [`threads sandbox down${purge ? " --purge" : ""}`] };
}

async function downAlone({ purge }: DownOptions, ports: DownPorts): Promise<DownResult> {
  const { processes, progress, config } = ports;
  const found = await look(ports);
  const { id, containers, networks, volumes, images } = found;
  if (containers.length > 0)
    await step(progress, "Stop the containers", async (task) => {
      const running = containers.filter(({ state }) => state === "running").map(({ name }) => name);
      const services = new Set(
        ["aws", "registry", "postgres", "redis", "balancer"].map((part) => objectName(id, part)),
      );
      await stop(
        running.filter((name) => !services.has(name)),
        hostStopSeconds,
        ports,
      );
      await stop(
        running.filter((name) => services.has(name)),
        serviceStopSeconds,
        ports,
      );
      await docker(
        processes,
        remove(
          "container",
          containers.map(({ name }) => name),
        ),
      );
      task.done(`Removed ${count(containers.length, "container")}`);
    });
  if (networks.length > 0) await docker(processes, remove("network", networks));
  if (purge && volumes.length > 0)
    await step(progress, "Remove the data", async (task) => {
      await docker(processes, remove("volume", volumes));
      task.done(`Removed ${count(volumes.length, "volume")}`);
    });
  // One that a container of somebody else runs keeps its name: that is no failure of this.
  if (purge && images.length > 0) await processes.run(removeImages(images), { allowFailure: true });
  if (purge) removeState(config.root);
  else forgetReady(config.root);
  return endOf(found, purge);
}

function endOf({ id, containers, networks, volumes, images }: Found, purge: boolean): DownResult {
  const removed = {
    containers: containers.length,
    networks: networks.length,
    volumes: purge ? volumes.length : 0,
    images: purge ? images.length : 0,
  };
  const kept = volumes.length - removed.volumes;
  const rest = { id, removed, kept, next: kept === 0 ? [] : ["threads sandbox up"], advice: [] };
  if (removed.containers + removed.networks + removed.volumes > 0)
    return { outcome: purge ? "purged" : "stopped", ...rest };
  return { outcome: kept === 0 ? "nothing" : "already-down", ...rest };
}

/** Hosts go before the services that their containers talk to. */
async function stop(
  names: readonly string[],
  seconds: number,
  { processes }: Pick<SandboxPorts, "processes">,
): Promise<void> {
  // One that ended by itself meanwhile is no failure; removing it afterwards is what counts.
  if (names.length > 0) await processes.run(stopContainers(names, seconds), { allowFailure: true });
}

function forgetReady(root: string): void {
  const state = readState(root);
  if (state?.ready === undefined) return;
  const { ready: _, ...rest } = state;
  writeState(rest);
}
