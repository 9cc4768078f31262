import { boundsOf } from "./bounds.ts";
import type { Moves } from "./moves.ts";
import { type Deployment, primaryOf, type Service } from "./service.ts";
import { shiftMoves } from "./shift-moves.ts";
import { isAlive, isHealthy, isSick, isWanted, type Task } from "./task.ts";

/**
 * Starts and stops of one moment: never more tasks than the upper limit, and no stop that would leave fewer healthy ones than
 * the lower limit (developer guide, "Deploy Amazon ECS services by replacing tasks").
 */
export function movesOf(service: Service, tasks: readonly Task[], now: number): Moves {
  if (service.status !== "ACTIVE") return { starts: [], stops: endAll(tasks), stuck: false };
  if (service.history[0]?.shift !== undefined) return shiftMoves(service, tasks, now);
  const view = look(service, tasks, now);
  const sick = sickStops(view);
  const replaced = replacedStops(view, sick.length);
  const surplus = surplusStops(view);
  const starts = startsOf(view);
  const stops = [...sick, ...replaced, ...surplus];
  const inMotion = tasks.some((task) => isAlive(task) && !isHealthy(task, now));
  const stuck = view.wanting > 0 && !view.stalled && starts.length + stops.length === 0 && !inMotion;
  return { starts, stops, stuck: stuck && now >= view.primary.startAfter };
}

interface View {
  readonly service: Service;
  readonly primary: Deployment;
  readonly tasks: readonly Task[];
  readonly now: number;
  /** A deployment that has failed starts nothing and replaces nothing. */
  readonly stalled: boolean;
  /** How many the primary deployment lacks, and how many more there may be. */
  readonly wanting: number;
  readonly room: number;
  readonly lower: number;
  readonly upper: number;
}

function look(service: Service, tasks: readonly Task[], now: number): View {
  const primary = primaryOf(service);
  const { lower, upper } = boundsOf(service.desiredCount, service.configuration);
  const room = Math.max(0, upper - tasks.filter(isAlive).length);
  const stalled = primary.rolloutState === "FAILED";
  const part = { service, primary, tasks, now, stalled, room, lower, upper };
  return { ...part, wanting: lacking(part, primary) };
}

type Part = Pick<View, "service" | "tasks" | "now">;

function of(tasks: readonly Task[], { id }: Deployment): readonly Task[] {
  return tasks.filter(({ startedBy }) => startedBy === id);
}

/** What is sick is replaced first, and stopped then. */
function lacking({ service, tasks, now }: Part, deployment: Deployment): number {
  const useful = of(tasks, deployment).filter((task) => isWanted(task) && !isSick(task, now, service.graceSeconds));
  return Math.max(0, deployment.desired - useful.length);
}

/** New ones first; what an older deployment is still to have is replaced by its own kind, until nobody needs it any more. */
function startsOf(view: View): Moves["starts"] {
  let { room } = view;
  return view.service.deployments.flatMap((deployment) => {
    const isOver = deployment.rolloutState === "FAILED" || (deployment !== view.primary && isReplaced(view));
    if (isOver || view.now < deployment.startAfter) return [];
    const count = Math.min(room, lacking(view, deployment));
    room -= count;
    return count > 0 ? [{ deployment: deployment.id, count }] : [];
  });
}

function isReplaced({ primary, tasks, now }: View): boolean {
  return of(tasks, primary).filter((task) => isHealthy(task, now)).length >= primary.desired;
}

/** Once there is a replacement, or where there is no room for one. */
function sickStops(view: View): Moves["stops"] {
  const { service, tasks, now, room } = view;
  return service.deployments.flatMap((deployment) => {
    const sick = of(tasks, deployment).filter((task) => isSick(task, now, service.graceSeconds));
    const replaced = lacking(view, deployment) === 0 || deployment.rolloutState === "FAILED";
    const chosen = replaced ? sick : room === 0 ? sick.slice(0, 1) : [];
    return chosen.map((task) => ({ task, why: "sick" as const }));
  });
}

/**
 * Of older deployments: all, once there are enough new ones; until then what does not run yet, and as many healthy ones as are
 * replaced or have to make room.
 */
function replacedStops(view: View, alreadyStopping: number): Moves["stops"] {
  const { service, primary, tasks, now, stalled, lower, upper, wanting } = view;
  const old = tasks.filter((task) => isWanted(task) && task.startedBy !== primary.id);
  const stop = (chosen: readonly Task[]): Moves["stops"] => chosen.map((task) => ({ task, why: "replaced" as const }));
  if (stalled) return [];
  if (isReplaced(view)) return stop(old);
  const idle = old.filter(({ lastStatus }) => lastStatus !== "RUNNING");
  const wanted = tasks.filter(isWanted).length - alreadyStopping - idle.length;
  const forRoom = wanting - Math.max(0, upper - wanted);
  // What runs and is not healthy counts for nobody, but while too few run it may yet become so.
  const running = tasks.filter((task) => isWanted(task) && task.lastStatus === "RUNNING").length;
  const unsettled = oldestFirst(old.filter((task) => task.lastStatus === "RUNNING" && !isHealthy(task, now)));
  const early = unsettled.slice(0, between(forRoom, running - lower));
  const healthy = tasks.filter((task) => isHealthy(task, now)).length;
  const count = between(Math.max(healthy - service.desiredCount, forRoom - early.length), healthy - lower);
  const late = oldestFirst(old.filter((task) => isHealthy(task, now))).slice(0, count);
  return stop([...idle, ...early, ...late]);
}

function between(count: number, most: number): number {
  return Math.max(0, Math.min(count, most));
}

function oldestFirst(tasks: readonly Task[]): readonly Task[] {
  return tasks.toSorted((one, other) => one.createdAt - other.createdAt);
}

/** More than the service is to have: the newest go, and what is not healthy before them. */
function surplusStops({ service, primary, tasks, now }: View): Moves["stops"] {
  const own = of(tasks, primary).filter((task) => isWanted(task) && !isSick(task, now, service.graceSeconds));
  const count = Math.max(0, own.length - primary.desired);
  const order = own.toSorted(
    (one, other) => Number(isHealthy(one, now)) - Number(isHealthy(other, now)) || other.createdAt - one.createdAt,
  );
  return order.slice(0, count).map((task) => ({ task, why: "surplus" as const }));
}

function endAll(tasks: readonly Task[]): Moves["stops"] {
  return tasks.filter(isWanted).map((task) => ({ task, why: "surplus" as const }));
}
