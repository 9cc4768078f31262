import { hasCheck } from "../new-task.ts";
import type { Input } from "../parts.ts";
import type { Task } from "../schedule/task.ts";
import type { Definition } from "../state.ts";
import { mebibytes } from "../fargate.ts";

const nanoseconds = 1_000_000_000;
const mebibyte = 1024 * 1024;
/** Seconds between the stop signal and KILL where nobody says (ECS_CONTAINER_STOP_TIMEOUT). */
const usualStop = 30;

export interface Place {
  readonly task: Task;
  readonly definition: Definition;
  /** ARN of the task. */
  readonly arn: string;
}

/** `ecs-<family>-<revision>-<container>-<hex>`, as the agent names containers. */
export function containerName({ task, definition: { family, revision } }: Place, container: string): string {
  return `ecs-${family}-${revision}-${container}-${task.id.slice(0, 20)}`;
}

export function labelsOf({ task, definition: { family, revision }, arn }: Place, container: string) {
  return {
    "com.amazonaws.ecs.cluster": task.cluster,
    "com.amazonaws.ecs.container-name": container,
    "com.amazonaws.ecs.task-arn": arn,
    "com.amazonaws.ecs.task-definition-family": family,
    "com.amazonaws.ecs.task-definition-version": String(revision),
    "threads.ecs-task": task.id,
  };
}

/** What the Engine's API is told to create. @param secrets `NAME=value`; they win over what the definition says openly */
export function containerBody(container: Input, place: Place, secrets: readonly string[]): Input {
  const override = overrideOf(place.task, String(container["name"]));
  const environment = variables([...list(container["environment"]), ...list(override["environment"])]);
  return {
    Image: container["image"],
    ...words("Cmd", override["command"] ?? container["command"]),
    ...words("Entrypoint", container["entryPoint"]),
    Env: [...environment, ...secrets],
    ...given("User", container["user"]),
    ...given("WorkingDir", container["workingDirectory"]),
    Tty: container["pseudoTerminal"] === true,
    OpenStdin: container["interactive"] === true,
    StopTimeout: stopSeconds(container),
    Healthcheck: healthOf(container),
    Labels: { ...(container["dockerLabels"] as Input | undefined), ...labelsOf(place, String(container["name"])) },
    HostConfig: hostConfig(container, place),
  };
}

export function stopSeconds({ stopTimeout }: Input): number {
  return typeof stopTimeout === "number" ? stopTimeout : usualStop;
}

/** The image's own check is switched off: docker would help where ECS does not. */
function healthOf(container: Input): Input {
  if (!hasCheck(container)) return { Test: ["NONE"] };
  const check = container["healthCheck"] as Input;
  const time = (key: string): number => Number(check[key] ?? 0) * nanoseconds;
  return {
    Test: check["command"],
    Interval: time("interval"),
    Timeout: time("timeout"),
    Retries: check["retries"],
    StartPeriod: time("startPeriod"),
  };
}

function hostConfig(container: Input, place: Place): Input {
  const linux = (container["linuxParameters"] ?? {}) as Input;
  const capabilities = (linux["capabilities"] ?? {}) as Input;
  const override = overrideOf(place.task, String(container["name"]));
  const ofTask = text(place.task.overrides["memory"]) || text(place.definition.body["memory"]);
  const limit = Number(override["memory"] ?? container["memory"] ?? mebibytes(ofTask));
  const reservation = Number(override["memoryReservation"] ?? container["memoryReservation"] ?? Number.NaN);
  return {
    // All containers of a task have one network, that of the first.
    NetworkMode: `container:${pauseName(place)}`,
    ReadonlyRootfs: container["readonlyRootFilesystem"] === true,
    Init: linux["initProcessEnabled"] === true,
    CapAdd: list(capabilities["add"]),
    CapDrop: list(capabilities["drop"]),
    SecurityOpt: list(container["dockerSecurityOptions"]),
    Tmpfs: Object.fromEntries(list(linux["tmpfs"]).map(tmpfs)),
    Ulimits: list(container["ulimits"]).map((one) => ({
      Name: one["name"],
      Soft: one["softLimit"],
      Hard: one["hardLimit"],
    })),
    Binds: list(container["mountPoints"]).map((one) => bind(one, place)),
    ...(limit > 0 && { Memory: limit * mebibyte, MemorySwap: limit * mebibyte }),
    ...(reservation > 0 && { MemoryReservation: reservation * mebibyte }),
    RestartPolicy: { Name: "no" },
  };
}

export function volumeName({ id }: Pick<Task, "id">, name: string): string {
  return `ecs-${id}-${name}`;
}

function bind({ sourceVolume, containerPath, readOnly }: Input, { task }: Place): string {
  return `${volumeName(task, text(sourceVolume))}:${text(containerPath)}${readOnly === true ? ":ro" : ""}`;
}

function tmpfs({ containerPath, size, mountOptions }: Input): readonly [string, string] {
  return [text(containerPath), [`size=${Number(size)}m`, ...(list(mountOptions) as readonly unknown[])].join(",")];
}

function overrideOf({ overrides }: Task, name: string): Input {
  return list(overrides["containerOverrides"]).find((one) => one["name"] === name) ?? {};
}

/** The last of a name counts. */
function variables(all: readonly Input[]): readonly string[] {
  const found = new Map(all.map(({ name, value }) => [text(name), text(value)]));
  return [...found].map(([name, value]) => `${name}=${value}`);
}

function list(value: unknown): readonly Input[] {
  return Array.isArray(value) ? (value as readonly Input[]) : [];
}

function words(key: string, value: unknown): Input {
  return Array.isArray(value) && value.length > 0 ? { [key]: value } : {};
}

function given(key: string, value: unknown): Input {
  return typeof value === "string" ? { [key]: value } : {};
}

function text(value: unknown): string {
  return typeof value === "string" ? value : "";
}

/** Of the container that holds a task's network, and does nothing. */
export function pauseName(place: Place): string {
  return containerName(place, "internal-ecs-pause");
}
