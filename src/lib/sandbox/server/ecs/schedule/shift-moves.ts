import type { Moves } from "./moves.ts";
import type { Deployment, Service } from "./service.ts";
import { isSick, isWanted, type Task } from "./task.ts";

/**
 * Starts and stops where old and new revision run whole beside each other: each has as many tasks as it is to have, and a sick one
 * is stopped once another has taken its place.
 */
export function shiftMoves(service: Service, tasks: readonly Task[], now: number): Moves {
  const each = service.deployments.map((deployment) => movesIn(service, deployment, { tasks, now }));
  return {
    starts: each.flatMap(({ starts }) => starts),
    stops: each.flatMap(({ stops }) => stops),
    stuck: false,
  };
}

function movesIn(
  { graceSeconds }: Service,
  { id, desired, rolloutState, startAfter }: Deployment,
  { tasks, now }: { readonly tasks: readonly Task[]; readonly now: number },
): Omit<Moves, "stuck"> {
  const own = tasks.filter((task) => task.startedBy === id && isWanted(task));
  if (desired === 0) return { starts: [], stops: own.map((task) => ({ task, why: "replaced" })) };
  const sick = own.filter((task) => isSick(task, now, graceSeconds));
  const useful = own.filter((task) => !sick.includes(task));
  const lacking = Math.max(0, desired - useful.length);
  const count = rolloutState === "FAILED" || now < startAfter ? 0 : lacking;
  const newestFirst = useful.toSorted((one, other) => other.createdAt - one.createdAt);
  const surplus = newestFirst.slice(0, Math.max(0, useful.length - desired));
  return {
    starts: count > 0 ? [{ deployment: id, count }] : [],
    stops: [
      ...(lacking === 0 ? sick : []).map((task) => ({ task, why: "sick" as const })),
      ...surplus.map((task) => ({ task, why: "surplus" as const })),
    ],
  };
}
