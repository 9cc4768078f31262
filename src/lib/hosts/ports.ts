import type { Clock } from "../clock/clock.ts";
import type { Config } from "../config/config.ts";
import type { Progress } from "../progress/progress.ts";
import type { Remote } from "../remote/remote.ts";
import type { FollowSteps } from "./follow-steps.ts";
import type { ReadOut } from "./read-out.ts";

/** What giving orders to hosts needs. */
export interface HostTargetPorts {
  readonly config: Config;
  /** Registry's host as it stands in references. */
  readonly registryHost: string;
  readonly remote: Remote;
  /** Where somebody reads it: shows what a host's script is at. */
  readonly followSteps?: FollowSteps;
  /** Where threads.yml names a log group: has hosts read their log out into it. */
  readonly readOut?: ReadOut;
  readonly clock: Clock;
  /** Takes what hosts have written. */
  readonly progress: Pick<Progress, "keep">;
  /** AWS's; hosts have their own where it is not named. */
  readonly region?: string;
  /** Aborted by the second Ctrl-C: the running script is cancelled. */
  readonly cancelNow: AbortSignal;
  /** Aborted when we are to go at once: the running script goes on. */
  readonly detach: AbortSignal;
}

export interface HostPorts extends HostTargetPorts {
  readonly environment: string;
}
