import { advanceShift, runsAt } from "./advance-shift.ts";
import { count, goBack, judge, stopped } from "./breaker.ts";
import { complete, watchAlarms } from "./complete.ts";
import { movesOf } from "./move.ts";
import { changeDeployment, changeHistory, type Moment, primaryOf, say, type Service } from "./service.ts";
import { changeShift } from "./shift.ts";
import { isAlive, type Task, unhealthyIn } from "./task.ts";

/** What one look at a service comes to. */
export interface Advance {
  readonly service: Service;
  /** Tasks that are new. The caller makes them: it knows their definitions. */
  readonly starts: readonly { readonly id: string; readonly deployment: string; readonly definition: string }[];
  /** Tasks as they are from now on: told to stop, or counted. */
  readonly changed: readonly Task[];
}

/** In the words of the service's own events and of stopped tasks. */
const reasons = {
  sick: "Task failed container health checks",
  unhealthy: (group: string) => `Task failed ELB health checks in (target-group ${group})`,
  replaced: (deployment: string) => `Scaling activity initiated by (deployment ${deployment})`,
};

/**
 * The scheduler: what a service does at a moment, given its tasks. Pure: the same service, tasks and moment come to the same.
 * @param tasks of the service; those that have ended are counted once
 */
export function advance(service: Service, tasks: readonly Task[], moment: Moment): Advance {
  const begun = advanceShift(watchAlarms(begin(service, moment), moment), tasks, moment);
  const ended = tasks.filter((task) => !isAlive(task) && task.judged === undefined);
  const first = movesOf(begun, tasks, moment.now);
  const sick = first.stops.filter(({ why }) => why === "sick").map(({ task }) => task);
  const judged = judge(count(begun, { all: tasks, ended, sick }, moment), moment);
  // Where it goes back, other tasks start and stop than a moment before.
  const moves = judged === begun ? first : movesOf(judged, tasks, moment.now);
  const stopping = new Map(
    [...moves.stops, ...first.stops.filter(({ why }) => why === "sick")].map((one) => [one.task.id, one]),
  );
  const left = [...stopping.values()].reduce(
    (result, { task, why }) => (why === "replaced" ? oneLess(result, task) : result),
    judged,
  );
  const starts = moves.starts.flatMap(({ deployment, count: many }) => {
    const { definition = "" } = left.deployments.find(({ id }) => id === deployment) ?? {};
    return Array.from({ length: many }, () => ({ id: moment.mint("task"), deployment, definition }));
  });
  const stops = [...stopping.values()].map(({ task, why }) => stop(task, why, { service: left, now: moment.now }));
  const told = tell(left, { starts, stops, stuck: moves.stuck }, moment);
  const changed = new Map(
    [...stops, ...ended.map((task): Task => ({ ...task, judged: true }))].map((one) => [one.id, one]),
  );
  const present = tasks.map((task) => changed.get(task.id) ?? task);
  // What has only just turned back is looked at the next time.
  const isSettled = starts.length === 0 && told.status === "ACTIVE" && primaryOf(told).updatedAt < moment.now;
  const after = isSettled ? complete(told, present, moment) : { ...told, steady: false };
  return { service: end(after, present), starts, changed: [...changed.values()] };
}

/** What was asked for since the last look. */
function begin(service: Service, moment: Moment): Service {
  const { now } = moment;
  return service.history.reduce((result, { id, status }) => {
    if (status === "PENDING") return start(result, id, moment);
    if (status === "STOP_REQUESTED") return changeHistory(result, id, stopped(now));
    if (status !== "ROLLBACK_REQUESTED") return result;
    return goBack(result, "Service deployment rolled back because of a request to stop it.", moment);
  }, service);
}

/** The hooks of the stage that it begins with wait from then on. */
function start(service: Service, id: string, moment: Moment): Service {
  const { now } = moment;
  const started = changeHistory(service, id, { status: "IN_PROGRESS", startedAt: now, updatedAt: now });
  const { shift } = service.history.find((one) => one.id === id) ?? {};
  if (shift === undefined) return started;
  return changeShift(started, id, { since: now, runs: runsAt(shift, shift.stage, moment) });
}

function oneLess(service: Service, { startedBy = "" }: Task): Service {
  const { desired = 0 } = service.deployments.find(({ id }) => id === startedBy) ?? {};
  return changeDeployment(service, startedBy, { desired: Math.max(0, desired - 1) });
}

function stop(
  task: Task,
  why: "sick" | "replaced" | "surplus",
  { service, now }: { readonly service: Service; readonly now: number },
): Task {
  return {
    ...task,
    desiredStatus: "STOPPED",
    stoppingAt: now,
    stopCode: "ServiceSchedulerInitiated",
    stoppedReason: why === "sick" ? whySick(task) : reasons.replaced(primaryOf(service).id),
  };
}

function whySick(task: Task): string {
  const group = unhealthyIn(task);
  return group === undefined ? reasons.sick : reasons.unhealthy(group);
}

function tell(
  service: Service,
  moves: { readonly starts: Advance["starts"]; readonly stops: readonly Task[]; readonly stuck: boolean },
  moment: Moment,
): Service {
  const names = (ids: readonly { readonly id: string }[]): string => ids.map(({ id }) => `(task ${id})`).join(" ");
  let result = service;
  const { starts, stops, stuck } = moves;
  for (const { id } of stops.filter(({ stoppedReason }) => stoppedReason === reasons.sick))
    result = say(result, `(task ${id}) failed container health checks.`, moment);
  if (stops.length > 0) result = say(result, `has stopped ${stops.length} running tasks: ${names(stops)}.`, moment);
  if (starts.length > 0) result = say(result, `has started ${starts.length} tasks: ${names(starts)}.`, moment);
  const { id, saidStuck } = primaryOf(result);
  if (!stuck || saidStuck === true) return result;
  const why =
    "was unable to stop or start tasks during a deployment because of the service deployment configuration. Update the minimumHealthyPercent or maximumPercent value and try again.";
  return changeDeployment(say(result, why, moment), id, { saidStuck: true });
}

/** A service that was deleted is INACTIVE once its last task is gone. */
function end(service: Service, tasks: readonly Task[]): Service {
  return service.status === "DRAINING" && !tasks.some(isAlive) ? { ...service, status: "INACTIVE" } : service;
}
