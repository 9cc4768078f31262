import { type Code, type OpenCode, type OpenOutcome, outcomesOf, type SettledCode } from "./codes.ts";
import { type FailedOutcome, outcomes } from "./exit-codes.ts";

export interface ErrorFacts {
  /** What is wrong and where, one sentence, no trailing command. */
  readonly message: string;
  /** Commands that can be pasted as they stand, most likely first; a refusal has one, or advice. */
  readonly next?: readonly string[];
  /** What no command does, a sentence each. */
  readonly advice?: readonly string[];
  /** More facts for a person, each a line (log tails, differing values). Never a secret. */
  readonly details?: readonly string[];
  /** Where in the sources it went wrong. */
  readonly place?: Place | undefined;
  /** How far a deployment came that had begun. */
  readonly deployment?: BegunDeployment | undefined;
  readonly cause?: unknown;
}

export interface BegunDeployment {
  readonly environment: string;
  readonly number: number;
  readonly hosts: readonly BegunHost[];
  /** The steps in which its release had a part of the requests, with what both slots have answered. */
  readonly weighed: readonly BegunStep[];
  /** On ECS: where it waits for a person. */
  readonly pauses: readonly BegunPause[];
}

export interface BegunPause {
  /** The step that was begun last; the one behind it waits to be approved. */
  readonly step: number;
  readonly service: string;
  /** ARN of ECS's own deployment of it, and what of it is answered. */
  readonly deployment: string;
  readonly hookId: string;
  readonly stage: string;
  /** So many of a hundred requests go to what is new meanwhile. */
  readonly percent: number;
  /** ISO 8601; null where ECS does not say; and what it does then. */
  readonly expiresAt: string | null;
  readonly timeoutAction: string;
}

export interface BegunStep {
  /** From 1 on. */
  readonly step: number;
  /** So many of a hundred requests. */
  readonly weight: number;
  readonly verdict: "worse" | "as-good" | "inconclusive" | "interrupted";
  readonly says: string;
  /** On all hosts; null where an edge does not tell. */
  readonly old: BegunSlot | null;
  readonly new: BegunSlot | null;
}

export interface BegunSlot {
  readonly requests: number;
  /** Those answered with 500 and above, or not at all. */
  readonly failed: number;
  /** So long, at most, nine of ten answers took; null where that is not known. */
  readonly p90Ms: number | null;
}

export interface BegunHost {
  readonly id: string;
  readonly name: string;
  /** new: it runs the release. old: what it ran before. untouched: its turn did not come. */
  readonly state: "new" | "old" | "both" | "unknown" | "untouched";
}

export interface Place {
  /** Absolute path. */
  readonly file: string;
  /** From 1; undefined where only the file is known. */
  readonly line: number | undefined;
}

/** Instead of the table's outcome: something was begun, and nobody has seen its end. */
interface InDoubt {
  readonly outcome?: "unknown";
}

/** The only error that a command ends with on purpose; anything else is reported as a bug. */
export class ThreadsError extends Error {
  /** Stable word to search for and to branch on, of the table in codes.ts; `threads explain` takes it. */
  readonly code: Code;
  readonly outcome: FailedOutcome;
  readonly next: readonly string[];
  readonly advice: readonly string[];
  readonly details: readonly string[];
  readonly place: Place | undefined;
  readonly deployment: BegunDeployment | undefined;

  constructor(code: OpenCode, facts: ErrorFacts & { readonly outcome: OpenOutcome | "unknown" });
  constructor(code: SettledCode, facts: ErrorFacts & InDoubt);
  constructor(code: Code, facts: ErrorFacts & { readonly outcome?: FailedOutcome }) {
    super(facts.message, facts.cause === undefined ? undefined : { cause: facts.cause });
    this.name = "ThreadsError";
    this.code = code;
    this.outcome = facts.outcome ?? outcomesOf(code)[0];
    this.next = facts.next ?? [];
    this.advice = facts.advice ?? [];
    this.details = facts.details ?? [];
    this.place = facts.place;
    this.deployment = facts.deployment;
  }

  /** The same failure, told in other words or with more of them. */
  with(changes: Partial<ErrorFacts> & InDoubt): ThreadsError {
    const { code, outcome, message, next, advice, details, place, deployment, cause } = this;
    // Whatever outcome it has, the table has been asked for it when it was thrown.
    const known = { outcome: outcome as OpenOutcome, message, next, advice, details, place, deployment, cause };
    return new ThreadsError(code as OpenCode, { ...known, ...changes });
  }

  /** Process exit code, from the one map in exit-codes.ts. */
  get exitCode(): number {
    return outcomes[this.outcome].exit;
  }
}
