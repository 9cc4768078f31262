import type { Input } from "../parts.ts";
import type { Seen } from "../runner.ts";
import type { TaskContainer } from "../schedule/task.ts";
import { type ContainerState, mayStart } from "./order.ts";

/** What a look at a task's containers comes to. Pure. */
export interface Watched {
  readonly start: readonly string[];
  /** Why the task has to end by itself. */
  readonly stop?: NonNullable<Seen["stop"]>;
  /** Every container has begun. */
  readonly isUp: boolean;
}

export function watch(containers: readonly Input[], states: readonly ContainerState[], hasRun: boolean): Watched {
  const of = (container: Input): ContainerState | undefined => states.find(({ name }) => name === container["name"]);
  const waiting = containers.filter((one) => of(one)?.status === "created" || of(one)?.status === "absent");
  const verdicts = waiting.map((one) => [String(one["name"]), mayStart(one, states)] as const);
  const ended = containers.find((one) => one["essential"] !== false && of(one)?.status === "exited");
  const isUp = waiting.length === 0;
  const never = verdicts.find(([, verdict]) => verdict === "never");
  const stop =
    never !== undefined
      ? {
          code: "TaskFailedToStart" as const,
          reason: `Container ${never[0]} waits for a container that did not come up`,
        }
      : ended === undefined
        ? undefined
        : { code: "EssentialContainerExited" as const, reason: "Essential container in task exited" };
  return {
    start: stop === undefined ? verdicts.filter(([, verdict]) => verdict === "yes").map(([name]) => name) : [],
    ...(stop !== undefined && { stop }),
    isUp: isUp || hasRun,
  };
}

const oom = "OutOfMemoryError: Container killed due to memory usage";
const healths = { healthy: "HEALTHY", unhealthy: "UNHEALTHY", starting: "UNKNOWN" } as const;

/** As DescribeTasks shows it: without an exit code where it never ran. */
export function shown(
  container: Input,
  state: ContainerState | undefined,
  known: { readonly digest: string | undefined; readonly reason: string | undefined },
): TaskContainer {
  const { status = "absent", exitCode, health, oomKilled, runtimeId } = state ?? {};
  const reason = known.reason ?? (oomKilled === true ? oom : undefined);
  return {
    name: String(container["name"]),
    image: String(container["image"]),
    lastStatus: status === "running" ? "RUNNING" : status === "exited" ? "STOPPED" : "PENDING",
    healthStatus: health === undefined ? "UNKNOWN" : healths[health],
    ...(exitCode !== undefined && { exitCode }),
    ...(reason !== undefined && { reason: reason.slice(0, 1024) }),
    ...(known.digest !== undefined && { imageDigest: known.digest }),
    ...(runtimeId !== undefined && { runtimeId }),
  };
}
