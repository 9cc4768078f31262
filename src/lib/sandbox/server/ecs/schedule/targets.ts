import { isAlive, type Target, type Task } from "./task.ts";

/** What a target group is told, as far as it matters to when a task is well and when it may end. */
export interface GroupRules {
  /** ARN. */
  readonly arn: string;
  /** Checks in a row until a target that was unhealthy counts again, and until a healthy one no longer does. */
  readonly healthyCount: number;
  readonly unhealthyCount: number;
  /** For which a target that leaves keeps the requests that it has (deregistration_delay.timeout_seconds). */
  readonly delaySeconds: number;
}

/** What a health check of a target came to. */
export interface Checked {
  readonly task: string;
  readonly group: string;
  readonly passed: boolean;
}

interface Now {
  readonly groups: readonly GroupRules[];
  readonly checks: readonly Checked[];
  /** Epoch seconds. */
  readonly now: number;
}

/** The task with its targets as they are from now on, and what the service's events say of that. */
export interface Moved {
  readonly task: Task;
  readonly said: readonly string[];
}

/**
 * A task is registered once it is RUNNING, is well after the first check that passes, and leaves before it is stopped (developer
 * guide, "Use load balancing to distribute Amazon ECS service traffic"; Elastic Load Balancing, "Health checks for target groups").
 * @returns undefined where nothing changes
 */
export function moveTargets(task: Task, moment: Now): Moved | undefined {
  const { targets = [] } = task;
  const moved = targets.map((target) => move(target, task, moment));
  if (moved.every((one, at) => one === targets[at])) return undefined;
  return { task: { ...task, targets: moved }, said: moved.flatMap((one, at) => say(one, targets[at] ?? one, task)) };
}

function move(target: Target, task: Task, { groups, checks, now }: Now): Target {
  const { group, state } = target;
  const rules = groups.find(({ arn }) => arn === group);
  if (!isAlive(task) || rules === undefined) return state === "unused" ? target : { ...target, state: "unused" };
  if (task.desiredStatus === "STOPPED")
    return state === "unused" || state === "draining" ? target : { ...target, state: "draining", since: now };
  if (state === "unused")
    return task.lastStatus === "RUNNING" && task.addresses?.[target.port] !== undefined
      ? { ...target, state: "initial", since: now }
      : target;
  const own = checks.filter((one) => one.task === task.id && one.group === group);
  return own.reduce((result, { passed }) => count(result, passed, rules), target);
}

function count(target: Target, passed: boolean, { healthyCount, unhealthyCount }: GroupRules): Target {
  const inRow = passed === target.passed ? target.inRow + 1 : 1;
  // A new one counts after its first check already.
  const isWell = passed && (target.state === "initial" || inRow >= healthyCount);
  const isIll = !passed && inRow >= unhealthyCount;
  return { ...target, passed, inRow, state: isWell ? "healthy" : isIll ? "unhealthy" : target.state };
}

function say({ group, state, port }: Target, before: Target, { id }: Task): readonly string[] {
  if (state === before.state) return [];
  const where = `(target-group ${group})`;
  if (state === "initial") return [`registered 1 targets in ${where}`];
  if (state === "unhealthy")
    return [`(task ${id}) (port ${port}) is unhealthy in ${where} due to (reason Health checks failed)`];
  if (state === "draining") return [`deregistered 1 targets in ${where}`, "has begun draining connections on 1 tasks."];
  return state === "unused" && before.state !== "draining" ? [`deregistered 1 targets in ${where}`] : [];
}

/** No request is on its way to it any more, as far as its target groups wait for that. */
export function isDrained({ targets = [] }: Task, { groups, now }: Pick<Now, "groups" | "now">): boolean {
  return targets.every(({ group, state, since = now }) => {
    const rules = groups.find(({ arn }) => arn === group);
    // A group that threads.yml no longer names has nobody who would let it go.
    if (rules === undefined || state === "unused") return true;
    return state === "draining" && now - since >= rules.delaySeconds;
  });
}
