import type { Clock } from "../clock/clock.ts";
import type { Config } from "../config/config.ts";
import type { HostOutcome, Intent } from "../ledger/ledger.ts";
import type { Progress } from "../progress/progress.ts";
import type { Remote } from "../remote/remote.ts";
import type { FollowSteps } from "./follow-steps.ts";
import type { ReadOut } from "./read-out.ts";
import type { Weight } from "./weights.ts";

export interface HostOrder {
  readonly intent: Intent;
  readonly host: string;
  readonly action: "deploy" | "weigh" | "restore";
  /** Of an order to weigh: so many of a hundred requests. */
  readonly share?: Weight;
  /** One-shot service to run on it before the switch. */
  readonly migrate: string | undefined;
  /** The host script's own time limit, in milliseconds. */
  readonly limitMs: number;
  /** What the host serves as long as the script has not reached it. */
  readonly stands: HostOutcome["state"];
  /** Whether the release gets the environment that it had there last, where it had one. */
  readonly asItWas: boolean;
}

export interface HostPorts {
  readonly config: Config;
  /** Registry's host as it stands in references. */
  readonly registryHost: string;
  readonly remote: Remote;
  /** Where somebody watches: shows what a host's script is at. */
  readonly followSteps?: FollowSteps;
  /** Where threads.yml names a log group: has hosts read their log out into it. */
  readonly readOut?: ReadOut;
  readonly clock: Clock;
  /** Takes what hosts have written. */
  readonly progress: Pick<Progress, "keep">;
  readonly environment: string;
  /** AWS's; hosts have their own where it is not named. */
  readonly region?: string;
  /** Aborted by the second Ctrl-C: the running script is cancelled. */
  readonly cancelNow: AbortSignal;
  /** Aborted when we are to go at once: the running script goes on. */
  readonly detach: AbortSignal;
}
