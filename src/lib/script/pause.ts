/** A service whose deployment waits at a pause that somebody has put into it (a PAUSE lifecycle hook of ECS). */
export interface Pause {
  readonly service: string;
  /** ARN of ECS's own deployment of it. */
  readonly deployment: string;
  /** What is answered, once. */
  readonly hookId: string;
  /** As ECS calls it: POST_TEST_TRAFFIC_SHIFT … */
  readonly stage: string;
  /** So many of a hundred requests go to what is new meanwhile. */
  readonly percent: number;
  /** ISO 8601; null where ECS does not say. */
  readonly expiresAt: string | null;
  /** What ECS does then. */
  readonly timeoutAction: string;
}

/** One that is held, by whom. */
export interface HeldService extends Pause {
  /** Of the deployment of ours that told it what it is to run. */
  readonly number: number;
}
