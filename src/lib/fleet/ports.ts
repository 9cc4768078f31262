import type { Clock } from "../clock/clock.ts";
import type { Author, Ledger } from "../ledger/ledger.ts";
import type { Progress } from "../progress/progress.ts";
import type { GithubDeployments } from "../source/github-deployments.ts";
import type { HostPorts } from "./host-order.ts";

export interface RolloutPorts extends Omit<HostPorts, "environment"> {
  readonly ledger: Ledger;
  readonly progress: Progress;
  /** Aborted by the first Ctrl-C: no further host is begun. */
  readonly signal: AbortSignal;
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
