import type { LogStore } from "../../logs/streams.ts";
import type { Pace } from "../../ssm/hosts.ts";
import { type Input, taskArn } from "../parts.ts";
import type { Seen, TaskRunner } from "../runner.ts";
import type { TaskStatus } from "../schedule/task.ts";
import type { Definition } from "../state.ts";
import { containerName, type Place } from "./container-body.ts";
import type { TaskEngine } from "./engine.ts";
import { type LogPump, openLogPump } from "./log-pump.ts";
import type { ContainerState } from "./order.ts";
import { pull } from "./pull.ts";
import { type SecretPorts, secretsOf } from "./secrets.ts";
import { type TaskContainers, taskContainers } from "./task-containers.ts";
import { shown, watch } from "./watch.ts";

export interface RunnerPorts {
  /** Those that run now, for tasks of a cluster. */
  readonly engines: (cluster: string) => Promise<readonly TaskEngine[]>;
  readonly secrets: SecretPorts;
  readonly logs: LogStore;
  readonly pace: Pace;
  /** One line for the server's log. */
  readonly report: (line: string) => void;
}

/** How often a task's containers are looked at; milliseconds. */
const lookEvery = 1_000;
/** How often what they say is brought to CloudWatch Logs, as docker's awslogs does (moby, daemon/logger/awslogs); milliseconds. */
const pumpEvery = 5_000;
const noCapacity = "Capacity is unavailable at this time. Please try again later or in a different availability zone";

/** Tasks as containers on the engines of their cluster, each on the one that has fewest. */
export function dockerRunner(ports: RunnerPorts): TaskRunner {
  const told = new Set<string>();
  const places = new Map<string, string>();
  return {
    run(task, definition, report) {
      const place: Place = { task, definition, arn: taskArn(ports.secrets, task) };
      attend(place, { ...ports, report, told, places, note: ports.report })
        .catch((error: unknown) => ports.report(`ecs: task ${task.id}: ${String(error)}`))
        .finally(() => {
          told.delete(task.id);
          places.delete(task.id);
        });
    },
    stop: ({ id }) => void told.add(id),
  };
}

interface Charge extends Omit<RunnerPorts, "report"> {
  readonly report: (seen: Seen) => Promise<void>;
  readonly note: (line: string) => void;
  /** Tasks that were told to stop. */
  readonly told: ReadonlySet<string>;
  /** On which engine each task is. */
  readonly places: Map<string, string>;
}

/** What is known of a task while somebody looks after it. */
interface Course {
  readonly containers: TaskContainers;
  readonly pumps: LogPump[];
  readonly digests: Map<string, string>;
  readonly reasons: Map<string, string>;
  /** Not known before its network is there. */
  addresses: Seen["addresses"];
  /** When the pumps were last at work, by the pace's clock. */
  pumpedAt: number;
}

async function attend(place: Place, charge: Charge): Promise<void> {
  // A host that is still starting is waited for.
  const engine = await patiently(() => engineFor(place, charge), charge).catch(() => undefined);
  if (engine === undefined)
    return charge.report(seen(place, "STOPPED", [], undefined, { code: "TaskFailedToStart", reason: noCapacity }));
  const course: Course = {
    containers: taskContainers(place, engine),
    pumps: [],
    digests: new Map(
      place.task.containers.flatMap(({ name, imageDigest }) => (imageDigest ? [[name, imageDigest]] : [])),
    ),
    reasons: new Map(),
    addresses: undefined,
    pumpedAt: -Infinity,
  };
  const problem = await prepare(place, engine, course, charge);
  const stop =
    problem === undefined
      ? await keep(place, course, charge)
      : ({ code: "TaskFailedToStart", reason: problem } as const);
  await end(place, course, charge, stop);
}

/** Where its containers are already, or the engine with fewest tasks. */
async function engineFor(place: Place, { engines, places }: Charge): Promise<TaskEngine> {
  const { id, cluster } = place.task;
  const all = await engines(cluster);
  for (const engine of all) if (await taskContainers(place, engine).exist()) return claim(engine, id, places);
  const load = (engine: TaskEngine): number => [...places.values()].filter((where) => where === engine.id).length;
  const [best] = all.toSorted((one, other) => load(one) - load(other));
  if (best === undefined) throw new Error(noCapacity);
  return claim(best, id, places);
}

function claim(engine: TaskEngine, task: string, places: Map<string, string>): TaskEngine {
  places.set(task, engine.id);
  return engine;
}

/** Secrets, log streams, images, containers. @returns what it failed of, as a stoppedReason */
async function prepare(place: Place, engine: TaskEngine, course: Course, charge: Charge): Promise<string | undefined> {
  const { task, definition } = place;
  const { pace, logs } = charge;
  try {
    for (const container of definition.body.containerDefinitions) {
      const named = {
        logs,
        engine,
        containerName: containerName(place, String(container["name"])),
        now: () => pace.now(),
      };
      const pump = await openLogPump(container, task.id, named);
      if (pump !== undefined) course.pumps.push(pump);
    }
    if (await course.containers.exist()) return undefined;
    await charge.report(seen(place, "PENDING", [], course));
    const secrets = await secretsOf(definition, task, charge.secrets);
    for (const { name, image } of definition.body.containerDefinitions) {
      const pulled = await pull(String(image), task.launchType, engine);
      if ("problem" in pulled) {
        course.reasons.set(String(name), pulled.problem);
        return pulled.problem;
      }
      if (pulled.digest !== undefined) course.digests.set(String(name), pulled.digest);
    }
    if (charge.told.has(task.id)) return "Task was stopped before it began";
    await course.containers.create(secrets);
    return undefined;
  } catch (error) {
    return (error as Error).message;
  }
}

/** From its first container to the moment when it has to end. @returns why, where that is its own doing */
async function keep(place: Place, course: Course, charge: Charge): Promise<Seen["stop"]> {
  const { task, definition } = place;
  const containers = definition.body.containerDefinitions;
  let hasRun = task.startedAt !== undefined;
  while (!charge.told.has(task.id)) {
    try {
      const states = await course.containers.look();
      const { start, stop, isUp } = watch(containers, states, hasRun);
      if (charge.pace.now() >= course.pumpedAt + pumpEvery) await pump(course, charge);
      if (stop !== undefined) return stop;
      hasRun ||= isUp;
      // Asked again after a restart of the server: the machine may be elsewhere now.
      if (hasRun) course.addresses ??= await course.containers.addresses();
      await charge.report(seen(place, hasRun ? "RUNNING" : "ACTIVATING", states, course));
      const failures = await Promise.all(
        start.map(async (name) => [name, await course.containers.start(name)] as const),
      );
      const failed = failures.find(([, why]) => why !== undefined);
      if (failed !== undefined) {
        const reason = `CannotStartContainerError: Error response from daemon: ${failed[1] ?? ""}`;
        course.reasons.set(failed[0], reason);
        return { code: "TaskFailedToStart", reason };
      }
      // What has only just been started is looked at at once.
      if (start.length > 0) continue;
    } catch (error) {
      // The host cannot be reached just now: what runs there goes on.
      charge.note(`ecs: task ${task.id}: ${String(error)}`);
    }
    await charge.pace.sleep(lookEvery);
  }
  return undefined;
}

async function end(place: Place, course: Course, charge: Charge, stop: Seen["stop"]): Promise<void> {
  const states = await course.containers.look().catch(() => []);
  await charge.report(seen(place, "STOPPING", states, course, stop));
  const last = await patiently(async () => {
    await course.containers.stop();
    const found = await course.containers.look();
    await pump(course, charge);
    await course.containers.remove();
    return found;
  }, charge).catch(() => states);
  await charge.report(seen(place, "STOPPED", last, course, stop));
}

/** How often a host is asked that does not answer, before it is taken for gone. */
const attempts = 60;

async function patiently<T>(work: () => Promise<T>, { pace, note }: Pick<Charge, "pace" | "note">): Promise<T> {
  for (let attempt = 1; ; attempt += 1) {
    try {
      return await work();
    } catch (error) {
      if (attempt === attempts) note(`ecs: ${String(error)}`);
      if (attempt === attempts) throw error;
    }
    await pace.sleep(lookEvery);
  }
}

async function pump(course: Course, { pace }: Pick<Charge, "pace">): Promise<void> {
  course.pumpedAt = pace.now();
  await Promise.all(course.pumps.map((one) => one.pump()));
}

function seen(
  { definition }: { readonly definition: Definition },
  lastStatus: TaskStatus,
  states: readonly ContainerState[],
  course: Course | undefined,
  stop?: Seen["stop"],
): Seen {
  const containers = definition.body.containerDefinitions.map((container: Input) => {
    const name = String(container["name"]);
    const known = { digest: course?.digests.get(name), reason: course?.reasons.get(name) };
    const one = shown(
      container,
      states.find((state) => state.name === name),
      known,
    );
    return lastStatus === "STOPPED" ? { ...one, lastStatus: "STOPPED" as const } : one;
  });
  const { addresses } = course ?? {};
  return { lastStatus, containers, ...(addresses !== undefined && { addresses }), ...(stop !== undefined && { stop }) };
}
