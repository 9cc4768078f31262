import {
  changeDeployment,
  changeHistory,
  type Deployment,
  type Moment,
  primaryOf,
  say,
  type Service,
  underWay,
} from "./service.ts";
import { thresholdOf } from "./bounds.ts";
import { failedToStart, isHealthy, type Task } from "./task.ts";

const tripped = "Service deployment rolled back because the circuit breaker threshold was exceeded.";
const noCandidate = "No rollback candidate was found to run the rollback.";

/**
 * Counts what became of a deployment's tasks. Until one of them is RUNNING those count that never came so far; afterwards only
 * those that their checks have failed: a task that runs and dies is no failure (developer guide, "How the Amazon ECS deployment
 * circuit breaker detects failures").
 * @param sick tasks that are stopped for their health at this moment
 */
export function count(
  service: Service,
  tasks: { readonly all: readonly Task[]; readonly ended: readonly Task[]; readonly sick: readonly Task[] },
  moment: Moment,
): Service {
  return service.deployments.reduce((result, deployment) => {
    const own = ({ startedBy }: Task): boolean => startedBy === deployment.id;
    const all = tasks.all.filter(own);
    const hasRun = deployment.hasRun || all.some(({ startedAt }) => startedAt !== undefined);
    const neverRan = tasks.ended.filter((task) => own(task) && failedToStart(task)).length;
    const sick = tasks.sick.filter(own).length;
    const resets = service.configuration.deploymentCircuitBreaker.resetOnHealthyTask !== false;
    const well = all.flatMap((task) => (isHealthy(task, moment.now) ? [task.id] : []));
    const isBetter = (hasRun && !deployment.hasRun) || well.some((id) => !deployment.well.includes(id));
    const before = resets && isBetter ? 0 : deployment.failures;
    const failures = before + (hasRun ? sick : neverRan);
    const startFailures = all.some(({ lastStatus }) => lastStatus === "RUNNING")
      ? 0
      : deployment.startFailures + neverRan;
    const startAfter = neverRan > 0 ? moment.now + pauseAfter(startFailures) : deployment.startAfter;
    const counted = changeDeployment(result, deployment.id, {
      hasRun,
      well: [...new Set([...deployment.well.filter((id) => all.some((task) => task.id === id)), ...well])],
      failures,
      startFailures,
      startAfter,
    });
    // Said once, when the pauses begin.
    const pauses = pauseAfter(startFailures) > 0 && pauseAfter(deployment.startFailures) === 0;
    return pauses ? say(counted, "is unable to consistently start tasks successfully.", moment) : counted;
  }, service);
}

/** Documented is that the pauses grow, up to fifteen minutes; their lengths are ours ("Amazon ECS service throttle logic"). */
function pauseAfter(failures: number): number {
  return failures <= 3 ? 0 : Math.min(900, 15 * 2 ** (failures - 4));
}

/** Ends the deployment that has failed too often: goes back, or stalls where there is nothing to go back to. */
export function judge(service: Service, moment: Moment): Service {
  const primary = primaryOf(service);
  const { deploymentCircuitBreaker: breaker } = service.configuration;
  const current = underWay(service);
  const shown = current && changeHistory(service, current.id, { failures: primary.failures });
  const isOver = primary.failures >= thresholdOf(service.desiredCount, breaker);
  if (!breaker.enable || primary.rolloutState !== "IN_PROGRESS" || !isOver || current === undefined)
    return shown ?? service;
  const failed = fail(shown ?? service, "tasks failed to start", moment);
  const triggered = changeHistory(failed, current.id, { breaker: "TRIGGERED" });
  if (breaker.rollback) return goBack(triggered, tripped, moment);
  return changeHistory(triggered, current.id, {
    ...stopped(moment.now),
    statusReason: "The circuit breaker threshold was exceeded.",
  });
}

export function fail(service: Service, why: string, moment: Moment): Service {
  const { id } = primaryOf(service);
  const said = say(service, `(deployment ${id}) deployment failed: ${why}.`, moment);
  return changeDeployment(said, id, {
    rolloutState: "FAILED",
    rolloutStateReason: `ECS deployment circuit breaker: ${why}.`,
    updatedAt: moment.now,
  });
}

/**
 * To the last deployment that was COMPLETED. Until that has come about nothing is COMPLETED, so what fails before then has no
 * way back and stalls (developer guide, "Amazon ECS deployment circuit breaker").
 */
export function goBack(service: Service, reason: string, moment: Moment): Service {
  const { now } = moment;
  const current = underWay(service);
  if (current === undefined) return service;
  const failed = primaryOf(service);
  const { completed, ...rest } = service;
  if (completed === undefined || completed.id === failed.id) {
    return changeHistory({ ...service, steady: false }, current.id, {
      ...over(now),
      status: "ROLLBACK_FAILED",
      statusReason: noCandidate,
    });
  }
  const target: Deployment = {
    ...completed,
    desired: service.desiredCount,
    rolloutState: "IN_PROGRESS",
    rolloutStateReason: `ECS deployment circuit breaker: rolling back to deploymentId ${completed.id}.`,
    updatedAt: now,
    failures: 0,
    well: [],
    bakingSince: undefined,
    startFailures: 0,
    startAfter: 0,
  };
  const others = service.deployments
    .filter(({ id }) => id !== completed.id)
    .map((one): Deployment => {
      // What still gets requests keeps its tasks until they go elsewhere.
      const desired = current.shift === undefined ? 0 : one.desired;
      return one.id === failed.id ? { ...one, rolloutState: "FAILED", desired } : one;
    });
  const back: Service = { ...rest, deployments: [target, ...others], steady: false };
  const said = say(back, `rolling back to deployment ${completed.id}.`, moment);
  return changeHistory(said, current.id, {
    status: "ROLLBACK_IN_PROGRESS",
    statusReason: reason,
    updatedAt: now,
    rollback: { reason, startedAt: now, revision: completed.revision },
  });
}

function over(now: number) {
  return { finishedAt: now, updatedAt: now };
}

export function stopped(now: number) {
  return { ...over(now), status: "STOPPED" as const, stoppedAt: now };
}
