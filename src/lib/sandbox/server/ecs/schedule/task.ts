/** In the order in which a task goes through them (developer guide, "Amazon ECS task lifecycle"). */
export type TaskStatus =
  | "PROVISIONING"
  | "PENDING"
  | "ACTIVATING"
  | "RUNNING"
  | "DEACTIVATING"
  | "STOPPING"
  | "DEPROVISIONING"
  | "STOPPED";
export type HealthStatus = "HEALTHY" | "UNHEALTHY" | "UNKNOWN";

export type StopCode =
  | "TaskFailedToStart"
  | "EssentialContainerExited"
  | "UserInitiated"
  | "ServiceSchedulerInitiated"
  | "SpotInterruption"
  | "TerminationNotice";

export interface TaskContainer {
  readonly name: string;
  readonly image: string;
  readonly lastStatus: "PENDING" | "RUNNING" | "STOPPED";
  readonly healthStatus: HealthStatus;
  /** Absent where it never ran. */
  readonly exitCode?: number;
  readonly reason?: string;
  readonly imageDigest?: string;
  readonly runtimeId?: string;
}

/** A task's place in a target group. */
export interface Target {
  /** ARN of the group. */
  readonly group: string;
  /** Inside the container. */
  readonly port: number;
  /** As DescribeTargetHealth has it. */
  readonly state: "unused" | "initial" | "healthy" | "unhealthy" | "draining";
  /** When it was registered, or began to drain. */
  readonly since?: number;
  /** What its last check came to, and how many before it came to the same. */
  readonly passed: boolean;
  readonly inRow: number;
}

/** Times are epoch seconds. */
export interface Task {
  readonly id: string;
  readonly cluster: string;
  /** `family:revision`. */
  readonly definition: string;
  /** `service:web`, `family:web`, or what RunTask was told. */
  readonly group: string;
  /** `ecs-svc/…` of a service's own. */
  readonly startedBy: string | undefined;
  readonly launchType: "FARGATE" | "EC2";
  readonly desiredStatus: "RUNNING" | "STOPPED";
  readonly lastStatus: TaskStatus;
  readonly healthStatus: HealthStatus;
  /** An essential container of it has a health check. */
  readonly checked: boolean;
  /** Of a service behind a load balancer. */
  readonly targets?: readonly Target[];
  /** Where the load balancer reaches it, by the ports inside. */
  readonly addresses?: Readonly<Record<number, string>>;
  readonly createdAt: number;
  readonly startedAt?: number;
  /** When it was told to stop, or had to. */
  readonly stoppingAt?: number;
  readonly stoppedAt?: number;
  readonly stopCode?: StopCode;
  readonly stoppedReason?: string;
  readonly containers: readonly TaskContainer[];
  readonly overrides: Readonly<Record<string, unknown>>;
  readonly tags: readonly { readonly key: string; readonly value: string }[];
  readonly enableExecuteCommand: boolean;
  /** Its end was counted by the deployment that it is of. */
  readonly judged?: true;
}

/** Seconds for which a task must have run that nothing looks at (API reference, DeploymentConfiguration: minimumHealthyPercent). */
const settling = 40;

/** Not over yet: it takes room until its last container is gone. */
export function isAlive({ lastStatus }: Task): boolean {
  return lastStatus !== "STOPPED";
}

/** Alive, and nobody wants it to end. */
export function isWanted(task: Task): boolean {
  return isAlive(task) && task.desiredStatus === "RUNNING";
}

/**
 * It counts for the lower limit: healthy to all that look at it, be they checks of its own or target groups, and after 40 seconds
 * where nobody does.
 */
export function isHealthy(task: Task, now: number): boolean {
  if (!isWanted(task) || task.lastStatus !== "RUNNING" || task.startedAt === undefined) return false;
  const { targets = [], checked, healthStatus } = task;
  if (!targets.every(({ state }) => state === "healthy")) return false;
  if (checked) return healthStatus === "HEALTHY";
  return targets.length > 0 || now - task.startedAt >= settling;
}

/** It has to be replaced. @param grace seconds after its start in which nobody minds */
export function isSick(task: Task, now: number, grace: number): boolean {
  const isUnhealthy = task.healthStatus === "UNHEALTHY" || unhealthyIn(task) !== undefined;
  if (!isWanted(task) || !isUnhealthy) return false;
  return now - (task.startedAt ?? now) >= grace;
}

/** The target group whose checks it fails. */
export function unhealthyIn({ targets = [] }: Task): string | undefined {
  return targets.find(({ state }) => state === "unhealthy")?.group;
}

/** It ended by itself before it was RUNNING. */
export function failedToStart({ lastStatus, startedAt, stopCode }: Task): boolean {
  const byItself = stopCode === "TaskFailedToStart" || stopCode === "EssentialContainerExited";
  return lastStatus === "STOPPED" && startedAt === undefined && byItself;
}
