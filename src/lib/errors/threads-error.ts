import { type FailedOutcome, outcomes } from "./exit-codes.ts";

export interface ErrorDetails {
  /** Stable word to search for and to branch on, e.g. `DIRTY_TREE`. */
  readonly code: string;
  /** What is wrong and where, one sentence, no trailing command. */
  readonly message: string;
  /** Commands or actions to try next, most likely first; at least one for every refusal. */
  readonly next?: readonly string[];
  /** More facts for a person, each a line (log tails, differing values). Never a secret. */
  readonly details?: readonly string[];
  readonly cause?: unknown;
}

/** The only error that a command ends with on purpose; anything else is reported as a bug. */
export class ThreadsError extends Error {
  readonly outcome: FailedOutcome;
  readonly code: string;
  readonly next: readonly string[];
  readonly details: readonly string[];

  constructor(outcome: FailedOutcome, details: ErrorDetails) {
    super(details.message, details.cause === undefined ? undefined : { cause: details.cause });
    this.name = "ThreadsError";
    this.outcome = outcome;
    this.code = details.code;
    this.next = details.next ?? [];
    this.details = details.details ?? [];
  }

  /** Process exit code, from the one map in exit-codes.ts. */
  get exitCode(): number {
    return outcomes[this.outcome].exit;
  }
}
