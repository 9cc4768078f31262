import type { Input } from "./parts.ts";
import type { Task } from "./schedule/task.ts";
import type { Definition, Tag } from "./state.ts";

export interface NewTask {
  readonly id: string;
  readonly cluster: string;
  readonly group: string;
  readonly startedBy: string | undefined;
  readonly launchType: "FARGATE" | "EC2";
  readonly overrides: Input;
  readonly tags: readonly Tag[];
  readonly enableExecuteCommand: boolean;
  readonly targets?: NonNullable<Task["targets"]>;
  /** Epoch seconds. */
  readonly now: number;
}

export function newTask(definition: Definition, { now, ...wanted }: NewTask): Task {
  const { containerDefinitions } = definition.body;
  return {
    ...wanted,
    definition: `${definition.family}:${definition.revision}`,
    desiredStatus: "RUNNING",
    lastStatus: "PROVISIONING",
    healthStatus: "UNKNOWN",
    checked: checkedIn(definition).length > 0,
    createdAt: now,
    containers: containerDefinitions.map((one) => ({
      name: String(one["name"]),
      image: String(one["image"]),
      lastStatus: "PENDING",
      healthStatus: "UNKNOWN",
    })),
  };
}

/**
 * Names of the containers by which a task's health goes: the agent looks at checks of the definition alone, and a HEALTHCHECK in an
 * image counts for nothing (API reference, HealthCheck).
 */
export function checkedIn({ body }: Definition): readonly string[] {
  const checked = body.containerDefinitions.filter((one) => one["essential"] !== false && hasCheck(one));
  return checked.map(({ name }) => String(name));
}

export function hasCheck({ healthCheck }: Input): boolean {
  const { command = [] } = (healthCheck ?? {}) as { readonly command?: readonly string[] };
  return command.length > 0 && command[0] !== "NONE";
}
