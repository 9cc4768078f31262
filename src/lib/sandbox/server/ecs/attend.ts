import { randomBytes, randomUUID } from "node:crypto";
import { checkedIn, newTask } from "./new-task.ts";
import { type EcsParts, newTaskId, seconds } from "./parts.ts";
import { type TaskRunner, withSeen } from "./runner.ts";
import { advance, type Advance } from "./schedule/advance.ts";
import type { Service } from "./schedule/service.ts";
import { sideOf } from "./schedule/shift.ts";
import { isDrained } from "./schedule/targets.ts";
import { isAlive, type Task } from "./schedule/task.ts";
import type { LoadBalancer } from "./load-balancers.ts";
import { tasksOf } from "./service-view.ts";
import { at, type Definition, type EcsState } from "./state.ts";

/** For which a stopped task can be read (API reference, DescribeTasks: "at least 1 hour"): no longer here, so that nobody relies on more. */
const rememberedSeconds = 3600;

export interface Attendance {
  /** Looks at everything once: services decide, tasks begin and end. */
  tick(): Promise<void>;
}

/**
 * Brings decisions of services to where tasks run, and what becomes of tasks to services.
 * @param balance brings tasks into target groups, and those that are to stop out of them
 */
export function attend(parts: EcsParts, runner: TaskRunner, balance: () => Promise<void>): Attendance {
  const taken = new Set<string>();
  const told = new Set<string>();
  const hand = (task: Task): void => {
    const definition = at(parts.store.state.definitions, task.definition);
    if (definition === undefined) return;
    if (!taken.has(task.id)) {
      taken.add(task.id);
      runner.run(task, definition, (seen) => see(parts, task.id, { definition, seen }));
    }
    const isFree = isDrained(task, { groups: parts.targetGroups, now: seconds(parts) });
    if (task.desiredStatus === "STOPPED" && isFree && !told.has(task.id)) {
      told.add(task.id);
      runner.stop(task);
    }
  };
  return {
    async tick() {
      const { services, tasks } = parts.store.state;
      // Read anew each time: requests change them while the one before is written.
      for (const key of Object.keys(services)) {
        const service = at(services, key);
        if (service !== undefined && service.status !== "INACTIVE") await look(parts, service);
      }
      await forget(parts);
      await balance();
      for (const task of Object.values(tasks).filter(isAlive)) hand(task);
      for (const id of taken) if (at(tasks, id) === undefined) [taken, told].forEach((set) => set.delete(id));
    },
  };
}

const newId = {
  event: randomUUID,
  task: newTaskId,
  hook: () => `ecs-pause-${randomBytes(32).toString("base64url")}`,
} as const;

async function look(parts: EcsParts, service: Service): Promise<void> {
  const mint = (kind: "event" | "task" | "hook"): string => newId[kind]();
  const now = seconds(parts);
  const result = advance(service, tasksOf(parts, service), { now, mint, red: parts.settings.redAlarms });
  const isSame = result.starts.length + result.changed.length === 0 && isEqual(result.service, service);
  if (!isSame) await parts.store.update((state) => take(state, result, now));
}

/** Most looks change nothing, and need not be written. */
function isEqual(one: Service, other: Service): boolean {
  return JSON.stringify(one) === JSON.stringify(other);
}

function take(state: EcsState, { service, starts, changed }: Advance, now: number): void {
  state.services[`${service.cluster}/${service.name}`] = service;
  for (const task of changed) state.tasks[task.id] = task;
  for (const { id, deployment, definition } of starts) {
    const found = at(state.definitions, definition);
    if (found === undefined) continue;
    const { propagateTags, enableExecuteCommand } = service.settings;
    const targets = targetsOf(service, deployment);
    const tags = { TASK_DEFINITION: found.tags, SERVICE: service.tags }[String(propagateTags)] ?? [];
    state.tasks[id] = newTask(found, {
      id,
      cluster: service.cluster,
      group: `service:${service.name}`,
      startedBy: deployment,
      launchType: service.launchType,
      overrides: {},
      tags,
      enableExecuteCommand: enableExecuteCommand === true,
      ...(targets.length > 0 && { targets }),
      now,
    });
  }
}

/** Of the load balancers that the deployment was made with: a task that replaces one of before is behind the same. */
function targetsOf(service: Service, deployment: string): NonNullable<Task["targets"]> {
  const { deployments, revisions, settings } = service;
  const { revision } = deployments.find(({ id }) => id === deployment) ?? {};
  const { loadBalancers = [] } = revisions.find(({ id }) => id === revision)?.settings ?? settings;
  const isAlternate = sideOf(service, revision) === "alternate";
  return (loadBalancers as readonly LoadBalancer[]).map(({ targetGroupArn, containerPort, advancedConfiguration }) => ({
    group: isAlternate ? (advancedConfiguration?.alternateTargetGroupArn ?? targetGroupArn) : targetGroupArn,
    port: containerPort,
    state: "unused",
    passed: false,
    inRow: 0,
  }));
}

async function see(
  parts: EcsParts,
  id: string,
  { definition, seen }: { readonly definition: Definition; readonly seen: Parameters<typeof withSeen>[1] },
): Promise<void> {
  const checked = checkedIn(definition);
  await parts.store.update(({ tasks }) => {
    const task = at(tasks, id);
    if (task !== undefined && isAlive(task)) tasks[id] = withSeen(task, seen, checked, seconds(parts));
  });
}

async function forget(parts: EcsParts): Promise<void> {
  const oldest = seconds(parts) - rememberedSeconds;
  const gone = Object.values(parts.store.state.tasks).filter(({ stoppedAt }) => (stoppedAt ?? oldest) < oldest);
  if (gone.length === 0) return;
  await parts.store.update(({ tasks, runs }) => {
    for (const { id } of gone) delete tasks[id];
    for (const [key, run] of Object.entries(runs))
      if (run.tasks.every((id) => at(tasks, id) === undefined)) delete runs[key];
  });
}
