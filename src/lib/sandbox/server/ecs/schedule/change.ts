import {
  type Deployment,
  type Moment,
  primaryOf,
  type Revision,
  type Service,
  type ServiceDeployment,
  underWay,
} from "./service.ts";
import { thresholdOf } from "./bounds.ts";
import { beginShift, sideOf } from "./shift.ts";
import type { Shift, Side } from "./shift-state.ts";
import { stages } from "./configuration.ts";
import { isWanted, type Task } from "./task.ts";

/** Ids of what a change begins. */
export interface NewIds {
  readonly deployment: string;
  readonly revision: string;
  readonly serviceDeployment: string;
}

type Now = Pick<Moment, "now" | "red">;

/** Begins a deployment of what the service is told to be; what was under way is asked to stop, and makes room. */
export function deploy(
  service: Service,
  target: { readonly definition: string; readonly ids: NewIds; readonly tasks: readonly Task[] },
  moment: Now,
): Service {
  const { definition, ids, tasks } = target;
  const { now } = moment;
  const known = withServing(service);
  const shift = beginShift(known, now);
  const revision: Revision = {
    id: ids.revision,
    definition,
    createdAt: now,
    launchType: service.launchType,
    settings: service.settings,
    ...(shift !== undefined && { side: shift.from === undefined ? "primary" : besides(sideOf(known, shift.from)) }),
  };
  const history = service.history.map((one) =>
    one.finishedAt === undefined ? { ...one, status: "STOP_REQUESTED" as const, updatedAt: now } : one,
  );
  const older = (one: Deployment): Deployment =>
    shift === undefined
      ? asItIs(one, tasks)
      : { ...one, desired: one.revision === shift.from ? service.desiredCount : 0 };
  return {
    ...known,
    steady: false,
    deployments: [begun(known, { definition, ids, shift }, now), ...service.deployments.map(older)],
    revisions: [revision, ...service.revisions],
    history: [{ ...recorded(service, ids, moment), ...(shift !== undefined && { shift }) }, ...history],
  };
}

/** What has come as far as the stage CLEAN_UP serves, though it never became COMPLETED. */
function withServing(service: Service): Service {
  const current = underWay(service);
  const serves = current?.status === "IN_PROGRESS" && current.shift?.stage === "CLEAN_UP";
  return serves ? { ...service, completed: primaryOf(service) } : service;
}

function besides(side: Side): Side {
  return side === "primary" ? "alternate" : "primary";
}

function begun(
  service: Service,
  { definition, ids, shift }: { readonly definition: string; readonly ids: NewIds; readonly shift: Shift | undefined },
  now: number,
): Deployment {
  return {
    id: ids.deployment,
    definition,
    revision: ids.revision,
    // Tasks beside those that are there begin with a stage of their own.
    desired: shift === undefined ? service.desiredCount : 0,
    createdAt: now,
    updatedAt: now,
    rolloutState: "IN_PROGRESS",
    rolloutStateReason: `ECS deployment ${ids.deployment} in progress.`,
    failures: 0,
    hasRun: false,
    well: [],
    startFailures: 0,
    startAfter: 0,
  };
}

function recorded(service: Service, ids: NewIds, { now, red }: Now): ServiceDeployment {
  const { deploymentCircuitBreaker: breaker, alarms } = service.configuration;
  const alarmNames = alarms?.enable === true ? alarms.alarmNames : [];
  return {
    id: ids.serviceDeployment,
    deployment: ids.deployment,
    status: "PENDING",
    createdAt: now,
    updatedAt: now,
    targetRevision: ids.revision,
    sourceRevisions: [...new Set(service.deployments.map((one) => one.revision))],
    failures: 0,
    breaker: breaker.enable ? "MONITORING" : "DISABLED",
    threshold: thresholdOf(service.desiredCount, breaker),
    alarms: alarmNames,
    redAtStart: alarmNames.filter((name) => red.includes(name)),
    redNow: [],
  };
}

/** What is replaced grows no more. */
function asItIs(deployment: Deployment, tasks: readonly Task[]): Deployment {
  const wanted = tasks.filter((task) => task.startedBy === deployment.id && isWanted(task)).length;
  return { ...deployment, desired: Math.min(deployment.desired, wanted) };
}

/** The newest deployment has come as far as to have tasks. */
function isUp(service: Service): boolean {
  const { status, shift } = underWay(service) ?? {};
  if (shift === undefined || status === "ROLLBACK_IN_PROGRESS") return true;
  return stages.indexOf(shift.stage) >= stages.indexOf("SCALE_UP");
}

/** Another number of tasks; no deployment begins. */
export function scale(service: Service, desiredCount: number): Service {
  const primary = primaryOf(service);
  const shifts = service.history[0]?.shift !== undefined;
  const desiredOf = ({ id, desired }: Deployment): number => {
    // Both revisions run whole; what is yet to begin or has to end stays at 0.
    if (shifts && id !== primary.id) return desired === 0 ? 0 : desiredCount;
    if (shifts) return isUp(service) ? desiredCount : 0;
    return id === primary.id ? desiredCount : Math.min(desired, desiredCount);
  };
  const deployments = service.deployments.map((one) => ({ ...one, desired: desiredOf(one) }));
  return { ...service, desiredCount, deployments };
}
