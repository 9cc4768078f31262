import { goBack } from "./breaker.ts";
import {
  changeDeployment,
  changeHistory,
  type Moment,
  primaryOf,
  type Service,
  type ServiceDeployment,
  underWay,
} from "./service.ts";
import { changeShift, stepsOf } from "./shift.ts";
import type { HookRun, Shift } from "./shift-state.ts";
import { type Stage, stages } from "./configuration.ts";
import { isAlive, isHealthy, type Task } from "./task.ts";

/** How long a stage may last that nobody holds up ("Amazon ECS blue/green service deployments workflow": 24 hours). */
const longestStage = 24 * 3600;
const usualTimeout = 1440;

const reasons = {
  hook: "Service deployment rolled back because a lifecycle hook was resolved with ROLLBACK.",
  timedOut: "Service deployment rolled back because a lifecycle hook timed out.",
  stage: (stage: Stage) => `Service deployment rolled back because the stage ${stage} has timed out.`,
};

type Underway = ServiceDeployment & { readonly shift: Shift };

/**
 * One stage further, where the one that it is at is over; at once back where somebody wants that. A deployment that replaces tasks
 * one by one has no stages.
 */
export function advanceShift(service: Service, tasks: readonly Task[], moment: Moment): Service {
  const current = underWay(service);
  if (current?.shift === undefined) return service;
  const at = { ...current, shift: current.shift };
  if (current.status === "ROLLBACK_IN_PROGRESS") return shiftBack(service, at, { tasks, moment });
  if (current.status !== "IN_PROGRESS") return service;
  const { shift } = at;
  const runs = shift.runs.map((run) => timedOut(run, moment.now));
  const looked = changeShift(service, at.id, { runs });
  const left = runs.filter((run, index) => run.status === "TIMED_OUT" && run !== shift.runs[index]);
  const ends = left.some(({ timeoutAction }) => timeoutAction === "ROLLBACK");
  const why = runs.some(({ status }) => status === "FAILED")
    ? reasons.hook
    : ends
      ? reasons.timedOut
      : shift.stage === "SCALE_UP" && moment.now - shift.since >= longestStage
        ? reasons.stage(shift.stage)
        : undefined;
  if (why !== undefined) {
    const back = goBack(looked, why, moment);
    return shiftBack(back, { ...at, shift: { ...shift, runs } }, { tasks, moment });
  }
  if (runs.some(({ status }) => status === "AWAITING_ACTION")) return looked;
  if (!isDone(looked, { ...at, shift: { ...shift, runs } }, { tasks, moment })) return looked;
  const next = nextStage(shift);
  return next === undefined ? looked : enter(looked, { ...at, shift: { ...shift, runs } }, next, moment);
}

function timedOut(run: HookRun, now: number): HookRun {
  return run.status === "AWAITING_ACTION" && now >= run.expiresAt ? { ...run, status: "TIMED_OUT" } : run;
}

interface Around {
  readonly tasks: readonly Task[];
  readonly moment: Moment;
}

/** Whether all has been done of a stage that is there for something, beside its hooks. */
function isDone(service: Service, { shift }: Underway, { tasks, moment: { now } }: Around): boolean {
  const { stage, since, step, configuration, from } = shift;
  const primary = primaryOf(service);
  const own = tasks.filter(({ startedBy }) => startedBy === primary.id);
  if (stage === "RECONCILE_SERVICE") return !tasks.filter(isAlive).some((task) => isStray(service, shift, task));
  if (stage === "SCALE_UP") return own.filter((task) => isHealthy(task, now)).length >= service.desiredCount;
  const { percents, seconds } = stepsOf(shift);
  if (stage === "PRODUCTION_TRAFFIC_SHIFT") return step === percents.length - 1 || now - since >= seconds;
  if (stage === "BAKE_TIME") {
    const bake = from === undefined ? 0 : (configuration.bakeTimeInMinutes ?? 0) * 60;
    return now - since >= bake;
  }
  return true;
}

/** Of a deployment that was interrupted: neither of what serves nor of what is to serve. */
function isStray(service: Service, { from }: Shift, { startedBy }: Task): boolean {
  const { id, revision } = service.deployments.find((one) => one.id === startedBy) ?? {};
  return id !== primaryOf(service).id && revision !== from;
}

/** Steps of a shift go through the stage before it and through it again ("Amazon ECS linear deployments"). */
function nextStage(shift: Shift): Stage | undefined {
  const { stage, step } = shift;
  const { percents } = stepsOf(shift);
  if (stage === "PRODUCTION_TRAFFIC_SHIFT" && step < percents.length - 1) return "PRE_PRODUCTION_TRAFFIC_SHIFT";
  return stages[stages.indexOf(stage) + 1];
}

function enter(service: Service, { id, shift }: Underway, stage: Stage, moment: Moment): Service {
  const { now } = moment;
  const { percents } = stepsOf(shift);
  const isStep = stage === "PRODUCTION_TRAFFIC_SHIFT";
  const step = isStep ? shift.step + 1 : shift.step;
  const moved = changeShift(service, id, {
    stage,
    since: now,
    step,
    runs: [...shift.runs, ...runsAt(shift, stage, moment)],
    ...(isStep && { production: percents[step] ?? 100 }),
    ...(stage === "TEST_TRAFFIC_SHIFT" && { test: 100 }),
  });
  const touched = changeHistory(moved, id, { updatedAt: now });
  if (stage === "SCALE_UP") return changeDeployment(touched, primaryOf(service).id, { desired: service.desiredCount });
  if (stage !== "CLEAN_UP") return touched;
  return {
    ...touched,
    deployments: touched.deployments.map((one, index) => (index === 0 ? one : { ...one, desired: 0 })),
  };
}

/** Each time that a stage begins its hooks wait anew, under a new id. */
export function runsAt(
  { configuration: { lifecycleHooks = [] } }: Pick<Shift, "configuration">,
  stage: Stage,
  { now, mint }: Moment,
): readonly HookRun[] {
  return lifecycleHooks
    .filter(({ lifecycleStages }) => lifecycleStages.includes(stage))
    .map(({ timeoutConfiguration = {} }): HookRun => {
      const { timeoutInMinutes = usualTimeout, action = "ROLLBACK" } = timeoutConfiguration;
      const expiresAt = now + timeoutInMinutes * 60;
      return { id: mint("hook"), stage, status: "AWAITING_ACTION", expiresAt, timeoutAction: action };
    });
}

/** Requests go back in one step, as soon as there is all that they go to; until then they stay where they are. */
function shiftBack(service: Service, { id, shift }: Underway, { tasks, moment: { now } }: Around): Service {
  if (service.history.find((one) => one.id === id)?.status !== "ROLLBACK_IN_PROGRESS") return service;
  if (shift.stage === "CLEAN_UP" && shift.production === 0) return service;
  const target = primaryOf(service);
  const healthy = tasks.filter((task) => task.startedBy === target.id && isHealthy(task, now)).length;
  const runs = shift.runs.map((run): HookRun =>
    run.status === "AWAITING_ACTION" ? { ...run, status: "FAILED" } : run,
  );
  if (shift.production > 0 && healthy < service.desiredCount) return changeShift(service, id, { runs });
  const back = changeShift(service, id, { runs, stage: "CLEAN_UP", since: now, production: 0, test: 0 });
  const deployments = back.deployments.map((one, index) => (index === 0 ? one : { ...one, desired: 0 }));
  return { ...back, deployments };
}
