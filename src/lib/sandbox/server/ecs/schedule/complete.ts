import { changeDeployment, changeHistory, type Moment, primaryOf, say, type Service, underWay } from "./service.ts";
import { fail, goBack, stopped } from "./breaker.ts";
import { isAlive, isHealthy, type Task } from "./task.ts";

/** For which alarms are looked at once all is up, where nobody says how long ("Amazon ECS deployment alarms": less than five minutes). */
const usualBake = 240;

/** Notices that the service is as it should be: the deployment is COMPLETED after its bake time, and older ones are forgotten. */
export function complete(service: Service, tasks: readonly Task[], moment: Moment): Service {
  const primary = primaryOf(service);
  const own = tasks.filter(({ startedBy }) => startedBy === primary.id);
  const healthy = own.filter((task) => isHealthy(task, moment.now)).length;
  const isThere =
    healthy === service.desiredCount && tasks.filter(isAlive).length === healthy && primary.rolloutState !== "FAILED";
  const kept = forget(service, tasks);
  if (isShifting(service)) return { ...kept, steady: false };
  if (!isThere) return { ...changeDeployment(kept, primary.id, { bakingSince: undefined }), steady: false };
  const baked = bake(kept, moment);
  if (primaryOf(baked).rolloutState !== "IN_PROGRESS") return settle(baked, moment);
  const { bakingSince = moment.now, id } = primaryOf(baked);
  if (moment.now - bakingSince < bakeSeconds(baked)) return baked;
  const done = changeDeployment(baked, id, {
    rolloutState: "COMPLETED",
    rolloutStateReason: `ECS deployment ${id} completed.`,
    updatedAt: moment.now,
  });
  const said = say(settle(done, moment), `(deployment ${id}) deployment completed.`, moment);
  return { ...finish(said, moment.now), completed: primaryOf(done) };
}

/** Requests still go from one revision to the other, or may. */
function isShifting(service: Service): boolean {
  const shift = underWay(service)?.shift;
  return shift !== undefined && shift.stage !== "CLEAN_UP";
}

/** It bakes anew when it was not as it should be in between. */
function bake(service: Service, { now }: Moment): Service {
  const { id, bakingSince } = primaryOf(service);
  return bakingSince === undefined ? changeDeployment(service, id, { bakingSince: now }) : service;
}

function bakeSeconds(service: Service): number {
  const { alarms, bakeTimeInMinutes } = service.configuration;
  // A stage of its own there.
  if (underWay(service)?.shift !== undefined) return 0;
  if (bakeTimeInMinutes !== undefined) return bakeTimeInMinutes * 60;
  return alarms?.enable === true ? usualBake : 0;
}

function settle(service: Service, moment: Moment): Service {
  return service.steady ? service : { ...say(service, "has reached a steady state.", moment), steady: true };
}

/** Older deployments stay for as long as they have tasks, and behind one that has failed for as long as they are to have some. */
function forget(service: Service, tasks: readonly Task[]): Service {
  const primary = primaryOf(service);
  const hasTasks = (id: string): boolean => tasks.some((task) => task.startedBy === id && isAlive(task));
  const keepsOthers = primary.rolloutState === "FAILED" || isShifting(service);
  const deployments = service.deployments.filter(
    ({ id, desired }) => id === primary.id || hasTasks(id) || (keepsOthers && desired > 0),
  );
  return { ...service, deployments };
}

function finish(service: Service, now: number): Service {
  const current = underWay(service);
  if (current === undefined) return service;
  const isBack = current.status === "ROLLBACK_IN_PROGRESS";
  return changeHistory(service, current.id, {
    status: isBack ? "ROLLBACK_SUCCESSFUL" : "SUCCESSFUL",
    breaker: current.breaker === "MONITORING" ? "MONITORING_COMPLETE" : current.breaker,
    finishedAt: now,
    updatedAt: now,
  });
}

/** An alarm that turns red ends the deployment; one that was red when it began is none of its business ("Amazon ECS deployment alarms"). */
export function watchAlarms(service: Service, moment: Moment): Service {
  const current = underWay(service);
  const { alarms } = service.configuration;
  if (current === undefined || alarms?.enable !== true || current.status !== "IN_PROGRESS") return service;
  // One red alarm at the start, and none of them is looked at.
  const redNow = current.redAtStart.length > 0 ? [] : alarms.alarmNames.filter((name) => moment.red.includes(name));
  const seen = changeHistory(service, current.id, { redNow });
  if (redNow.length === 0) return seen;
  const failed = fail(seen, "alarm detected", moment);
  const reason = "Service deployment rolled back because a CloudWatch alarm is in the ALARM state.";
  if (alarms.rollback) return goBack(failed, reason, moment);
  return changeHistory(failed, current.id, stopped(moment.now));
}
