import type { Clock } from "../clock/clock.ts";
import type { Config } from "../config/config.ts";
import type { Author, Ledger } from "../ledger/ledger.ts";
import type { Progress } from "../progress/progress.ts";
import type { GithubDeployments } from "../source/github-deployments.ts";
import type { TargetOf } from "./target.ts";

export interface RolloutPorts {
  readonly config: Config;
  readonly targetOf: TargetOf;
  readonly ledger: Ledger;
  readonly progress: Progress;
  readonly clock: Clock;
  /** Aborted by the first Ctrl-C: no further host is begun. */
  readonly signal: AbortSignal;
  /** Aborted when we are to go at once: what is at work goes on. */
  readonly detach: AbortSignal;
  readonly author: Author;
  /** Waits from one beat of the lease to the next. */
  readonly pulse: Clock["sleep"];
  /** Where threads.yml wants GitHub to be told. */
  readonly github?: GithubDeployments;
}

/** What a deployment and a rollback need. */
export interface FleetPorts extends RolloutPorts {
  /** Fails unless the credentials are those of the registry's account and region. */
  readonly checkAccount: () => Promise<unknown>;
  /** Where hosts answer, by id, as far as that is known. */
  readonly urls?: ReadonlyMap<string, string>;
}
