import type { Told } from "../progress/recorded.ts";

/** What is known of a run when it begins: `run.json` of its folder. */
export interface BegunRun {
  readonly schema: 1;
  /** The command's words. */
  readonly command: string;
  /** What stood behind them, without secrets. */
  readonly argv: readonly string[];
  /** The environment that -e names; null where none is. */
  readonly environment: string | null;
  /** The commit that was checked out; null where that could not be told. */
  readonly head: string | null;
  /** ISO 8601, by this machine's clock. */
  readonly startedAt: string;
  /** Version of threads. */
  readonly version: string;
  readonly pid: number;
  /** Of the job, where it is one of CI's. */
  readonly url: string | null;
}

/** What was told, and when: a line of `events.ndjson`. */
export type RunEvent = { readonly at: string } & Told;

/** How it ended: `result.json`. */
export interface EndedRun {
  readonly schema: 1;
  readonly exitCode: number;
  readonly endedAt: string;
  readonly tookMs: number;
  /** As --json prints it, a failure or a result. */
  readonly result: unknown;
}

/** Names of what lies in a run's folder. */
export const runFiles = { begun: "run.json", events: "events.ndjson", ended: "result.json", logs: "logs" } as const;
