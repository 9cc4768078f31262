import { clusterArn, definitionArn, type EcsParts, type Input, taskArn } from "./parts.ts";
import type { Task } from "./schedule/task.ts";
import { at } from "./state.ts";

/** As DescribeTasks answers: what never was is absent, an exit code above all. */
export function taskView(parts: EcsParts, task: Task, include: readonly string[] = []): Input {
  const { body } = at(parts.store.state.definitions, task.definition) ?? {};
  const times = { stoppingAt: task.stoppingAt, stoppedAt: task.stoppedAt, startedAt: task.startedAt };
  const said = { startedBy: task.startedBy, stopCode: task.stopCode, stoppedReason: task.stoppedReason };
  const known = Object.entries({ ...times, ...said }).filter(([, value]) => value !== undefined);
  return {
    taskArn: taskArn(parts, task),
    clusterArn: clusterArn(parts, task.cluster),
    taskDefinitionArn: definitionArn(parts, task.definition),
    group: task.group,
    desiredStatus: task.desiredStatus,
    lastStatus: task.lastStatus,
    healthStatus: task.healthStatus,
    launchType: task.launchType,
    connectivity: "CONNECTED",
    createdAt: task.createdAt,
    cpu: sizeOf({ ...body, ...task.overrides }, "cpu"),
    memory: sizeOf({ ...body, ...task.overrides }, "memory"),
    enableExecuteCommand: task.enableExecuteCommand,
    attachments: [],
    attributes: [],
    availabilityZone: `${parts.region}a`,
    containers: task.containers.map((container) => ({
      taskArn: taskArn(parts, task),
      containerArn: taskArn(parts, task).replace(":task/", ":container/") + `/${container.name}`,
      ...container,
      networkBindings: [],
      networkInterfaces: [],
    })),
    overrides: { containerOverrides: [], inferenceAcceleratorOverrides: [], ...task.overrides },
    tags: include.includes("TAGS") ? task.tags : [],
    version: 1,
    ...Object.fromEntries(known),
  };
}

function sizeOf(body: Input, key: "cpu" | "memory"): string {
  const size = body[key];
  return typeof size === "string" ? size : "0";
}
