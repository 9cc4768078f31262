import { DetailedServiceError, type Operation } from "../protocol.ts";
import { tagsOf } from "./check-definition.ts";
import {
  clusterArn,
  clusterOf,
  type EcsParts,
  type Input,
  invalid,
  lastPart,
  lookUp,
  nameRule,
  newTaskId,
  page,
  read,
  requestOf,
  seconds,
  serviceOf,
  taskArn,
} from "./parts.ts";
import { newTask } from "./new-task.ts";
import { isAlive, type Task } from "./schedule/task.ts";
import { definitionFor, launchTypeOf } from "./service-input.ts";
import { at, type Definition } from "./state.ts";
import { taskView } from "./task-view.ts";

/** Tasks (API reference, 2014-11-13). @param wake lets the work begin that was asked for */
export function taskOperations(parts: EcsParts, wake: () => void): Readonly<Record<string, Operation>> {
  return {
    RunTask: async (input) => {
      const answer = await runTask(parts, input);
      wake();
      return answer;
    },
    StopTask: async (input) => {
      const answer = await stopTask(parts, input);
      wake();
      return answer;
    },
    ListTasks: async (input) => listTasks(parts, input),
    DescribeTasks: async (input) => describeTasks(parts, input),
  };
}

const startedByRule = { max: 128, pattern: /^[A-Za-z0-9_/-]*$/ } as const;

async function runTask(parts: EcsParts, input: Input): Promise<unknown> {
  const cluster = clusterOf(parts, input).name;
  const definition = definitionFor(parts, read.string(input, "taskDefinition"), input);
  const count = read.optionalNumber(input, "count", { min: 1, max: 10 }) ?? 1;
  const propagate = read.optionalOneOf(input, "propagateTags", ["TASK_DEFINITION", "SERVICE", "NONE"] as const);
  if (propagate === "SERVICE") throw invalid("propagateTags cannot be SERVICE for a task that is run by itself.");
  const token = read.optionalString(input, "clientToken", { max: 64 });
  const wanted = {
    cluster,
    group: read.optionalString(input, "group") ?? `family:${definition.family}`,
    startedBy: read.optionalString(input, "startedBy", startedByRule),
    launchType: launchTypeOf(input, definition),
    overrides: overridesOf(input, definition),
    tags: [...(propagate === "TASK_DEFINITION" ? definition.tags : []), ...tagsOf(input)],
    enableExecuteCommand: read.optionalBoolean(input, "enableExecuteCommand") ?? false,
    now: seconds(parts),
  };
  const request = requestOf(input);
  const placed = await parts.store.update((state): string | readonly Task[] => {
    const key = `${cluster}/${token ?? ""}`;
    const before = token === undefined ? undefined : at(state.runs, key);
    if (before !== undefined) {
      const made = before.tasks.flatMap((id) => at(state.tasks, id) ?? []);
      if (before.request === request) return made;
      const resourceIds = before.tasks.map((id) => taskArn(parts, { cluster, id }));
      const message = "The clientToken was used before with other parameters.";
      throw new DetailedServiceError("ConflictException", message, { resourceIds });
    }
    const [reason, ...more] = parts.settings.placementFailures;
    if (reason !== undefined) {
      parts.settings.placementFailures = more;
      return reason;
    }
    const made = Array.from({ length: count }, () => newTask(definition, { ...wanted, id: newTaskId() }));
    for (const task of made) state.tasks[task.id] = task;
    if (token !== undefined) state.runs[key] = { request, tasks: made.map(({ id }) => id) };
    return made;
  });
  // A task that found no place is no error: HTTP 200, and whoever does not read `failures` believes that it runs.
  if (typeof placed === "string") return { tasks: [], failures: [{ arn: clusterArn(parts, cluster), reason: placed }] };
  return { tasks: placed.map((task) => taskView(parts, task, ["TAGS"])), failures: [] };
}

/** @throws ServiceError InvalidParameterException for a container that the definition does not have */
function overridesOf(input: Input, { body }: Definition): Input {
  const overrides = read.optionalRecord(input, "overrides") ?? {};
  const names = new Set(body.containerDefinitions.map(({ name }) => name));
  for (const one of read.optionalRecords(overrides, "containerOverrides") ?? []) {
    const name = read.string(one, "name", nameRule);
    if (!names.has(name))
      throw invalid(`Override for container named ${name} is not a container in the TaskDefinition.`);
    read.optionalStrings(one, "command");
    for (const key of ["cpu", "memory", "memoryReservation"]) read.optionalNumber(one, key, { min: 0 });
    for (const key of ["environmentFiles", "resourceRequirements"])
      if ((read.optionalRecords(one, key) ?? []).length > 0) throw invalid(`The sandbox knows no override of ${key}.`);
    for (const variable of read.optionalRecords(one, "environment") ?? []) read.string(variable, "name");
  }
  for (const key of ["cpu", "memory", "executionRoleArn", "taskRoleArn"]) read.optionalString(overrides, key);
  if (overrides["ephemeralStorage"] != null) throw invalid("The sandbox knows no override of ephemeralStorage.");
  if (Buffer.byteLength(JSON.stringify(overrides)) > 8_192)
    throw invalid("Overrides length must be at most 8192 characters.");
  return overrides;
}

async function stopTask(parts: EcsParts, input: Input): Promise<unknown> {
  const cluster = clusterOf(parts, input).name;
  const id = lastPart(read.string(input, "task"));
  const reason = read.optionalString(input, "reason", { max: 1024 });
  const task = await parts.store.update(({ tasks }) => {
    const found = at(tasks, id);
    if (found === undefined || found.cluster !== cluster) throw invalid("The referenced task was not found.");
    if (!isAlive(found) || found.desiredStatus === "STOPPED") return found;
    const stopping: Task = {
      ...found,
      desiredStatus: "STOPPED",
      stoppingAt: seconds(parts),
      stopCode: "UserInitiated",
      stoppedReason: reason ?? "Task stopped by user",
    };
    return (tasks[id] = stopping);
  });
  return { task: taskView(parts, task) };
}

const filters = ["family", "serviceName", "containerInstance", "launchType"] as const;

function listTasks(parts: EcsParts, input: Input): unknown {
  const cluster = clusterOf(parts, input).name;
  const desired = read.optionalOneOf(input, "desiredStatus", ["RUNNING", "PENDING", "STOPPED"] as const) ?? "RUNNING";
  const startedBy = read.optionalString(input, "startedBy");
  if (startedBy !== undefined && filters.some((name) => input[name] != null))
    throw invalid("startedBy must be the only filter that you use.");
  const service = read.optionalString(input, "serviceName");
  if (service !== undefined) serviceOf(parts, cluster, service);
  const [family, type] = [read.optionalString(input, "family"), read.optionalString(input, "launchType")];
  const all = Object.values(parts.store.state.tasks).filter(
    (task) =>
      task.cluster === cluster &&
      // ECS never wants a task to be PENDING (API reference, ListTasks).
      task.desiredStatus === desired &&
      (startedBy === undefined || task.startedBy === startedBy) &&
      (service === undefined || task.group === `service:${lastPart(service)}`) &&
      (family === undefined || task.definition.split(":")[0] === family) &&
      (type === undefined || task.launchType === type),
  );
  const { items, ...more } = page(all, input, { key: ({ id }) => id, usual: 100, most: 100 });
  return { taskArns: items.map((task) => taskArn(parts, task)), ...more };
}

function describeTasks(parts: EcsParts, input: Input): unknown {
  const cluster = clusterOf(parts, input).name;
  const asked = read.strings(input, "tasks");
  if (asked.length === 0) throw invalid("Tasks cannot be empty.");
  if (asked.length > 100) throw invalid("Tasks cannot be more than 100.");
  const include = read.optionalStrings(input, "include") ?? [];
  const { found: tasks, failures } = lookUp(
    asked.map(lastPart),
    (id) => {
      const task = at(parts.store.state.tasks, id);
      return task?.cluster === cluster && isKnown(parts, task) ? taskView(parts, task, include) : undefined;
    },
    (id) => taskArn(parts, { cluster, id }),
  );
  return { tasks, failures };
}

function isKnown({ now, settings }: EcsParts, { createdAt, startedBy }: Task): boolean {
  const isOfService = startedBy?.startsWith("ecs-svc/") === true;
  return isOfService || now() - createdAt * 1000 >= settings.tasksHiddenMs;
}
