import type { DeploymentConfiguration, HookAction, Stage } from "./configuration.ts";

/** Which target group of a load balancer: the one that is named first, or the one beside it. */
export type Side = "primary" | "alternate";

/** One time that a hook has stopped a deployment. */
export interface HookRun {
  readonly id: string;
  readonly stage: Stage;
  readonly status: "AWAITING_ACTION" | "SUCCEEDED" | "FAILED" | "TIMED_OUT";
  /** Epoch seconds. */
  readonly expiresAt: number;
  readonly timeoutAction: HookAction;
}

/** How far a deployment has come that has new tasks beside the old ones, and shifts requests to them. */
export interface Shift {
  /** What the service was told when it began: changes of that are for the next one. */
  readonly configuration: DeploymentConfiguration;
  /** The revision that serves meanwhile; undefined for a service's first. */
  readonly from: string | undefined;
  readonly stage: Stage;
  /** When that began; epoch seconds. */
  readonly since: number;
  /** Which of its steps it has taken last: from 0 on, -1 before the first. */
  readonly step: number;
  readonly runs: readonly HookRun[];
  /** So many of a hundred requests go to the new revision. */
  readonly production: number;
  readonly test: number;
}
