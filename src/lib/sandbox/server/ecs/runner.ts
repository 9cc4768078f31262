import type { StopCode, Task, TaskContainer, TaskStatus } from "./schedule/task.ts";
import type { Definition } from "./state.ts";

/** What somebody who looked at a task saw of it. */
export interface Seen {
  readonly lastStatus: TaskStatus;
  readonly containers: readonly TaskContainer[];
  /** Where its ports are reached from outside of its machine, once that is known. */
  readonly addresses?: Readonly<Record<number, string>>;
  /** Why it ends, where it ends by itself. */
  readonly stop?: { readonly code: StopCode; readonly reason: string };
}

/** Where tasks run: the engines of the sandbox's hosts, or, in tests of the API, nowhere. */
export interface TaskRunner {
  /** Takes a task up, or up again after a restart of the server, and reports all that changes until it is STOPPED. Never throws. */
  run(task: Task, definition: Definition, report: (seen: Seen) => Promise<void>): void;
  /** Ends what runs of it, in its own time. */
  stop(task: Task): void;
}

/** The task as it is by what was seen. @param checked names of essential containers with a check @param now epoch seconds */
export function withSeen(task: Task, seen: Seen, checked: readonly string[], now: number): Task {
  const { containers, stop, addresses } = seen;
  // Its target groups let it go first.
  const isLeaving = seen.lastStatus === "RUNNING" && task.desiredStatus === "STOPPED";
  const lastStatus = isLeaving ? "DEACTIVATING" : seen.lastStatus;
  const health = containers.filter(({ name }) => checked.includes(name)).map(({ healthStatus }) => healthStatus);
  const ending = task.desiredStatus === "STOPPED" || stop === undefined ? {} : endOf(stop, now);
  return {
    ...task,
    lastStatus,
    containers,
    healthStatus: healthOf(health),
    ...(addresses !== undefined && { addresses }),
    ...(lastStatus === "RUNNING" && { startedAt: task.startedAt ?? now }),
    ...ending,
    ...(lastStatus === "STOPPED" && { stoppedAt: now, stoppingAt: task.stoppingAt ?? now, desiredStatus: "STOPPED" }),
  };
}

function endOf({ code, reason }: NonNullable<Seen["stop"]>, now: number): Partial<Task> {
  return { desiredStatus: "STOPPED", stoppingAt: now, stopCode: code, stoppedReason: reason };
}

/** Of all that are looked at (API reference, Task: healthStatus). */
function healthOf(all: readonly Task["healthStatus"][]): Task["healthStatus"] {
  if (all.includes("UNHEALTHY")) return "UNHEALTHY";
  return all.length > 0 && all.every((one) => one === "HEALTHY") ? "HEALTHY" : "UNKNOWN";
}
