import type { EcsCall } from "../aws/ecs-calls.ts";
import type { Clock } from "../clock/clock.ts";
import type { Config } from "../config/config.ts";
import type { Task as TranslatedTask } from "../ecs/translate.ts";
import type { RecordedRelease } from "../ledger/ledger.ts";

/** What looking at an environment on ECS needs. */
export interface TaskSightPorts {
  readonly config: Pick<Config, "app" | "services" | "runtime">;
  readonly call: EcsCall;
  readonly clock: Clock;
}

/** What deploying to one needs. */
export interface TaskTargetPorts extends TaskSightPorts {
  /** Registry's host as it stands in references. */
  readonly registryHost: string;
  /**
   * What ECS is told of a release, read from the registry; not there for whoever goes back, and asks no registry.
   * @throws ThreadsError NOT_FOR_ECS, and what reading a release throws
   */
  readonly translated?: (environment: string, release: RecordedRelease) => Promise<readonly TranslatedTask[]>;
  /** Aborted by the second Ctrl-C: what is under way is stopped, and goes back. */
  readonly cancelNow: AbortSignal;
  /** Aborted when we are to go at once: ECS goes on. */
  readonly detach: AbortSignal;
}
