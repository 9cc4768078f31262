import type { Reply } from "./http-get.ts";

export interface CheckResult {
  /** What was asked: the path of a request, a service and the command that ran in it, or whose certificate was looked at. */
  readonly path: string;
  /**
   * HTTP status, or 0 where a request had no answer; exit code, or -1 where a command did not end; 0 for a good certificate,
   * 1 for one that is not, -1 where none was shown.
   */
  readonly status: number;
  readonly ok: boolean;
  /** What was right, or the first thing that was wrong, in a line. */
  readonly detail: string;
  readonly tookMs: number;
}

/** What one try has seen. */
export type Seen = Pick<CheckResult, "status" | "ok" | "detail">;

/** What one more request is sent with. */
export interface Asked {
  readonly method?: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: string;
  /** Bytes of the answer that are of interest. */
  readonly most?: number;
}

/** What every try has at hand. */
export interface Tries {
  /** `http://127.0.0.1:PORT`. */
  readonly base: string;
  /** What X-Release must be. */
  readonly revision: string;
  /** Waits for a port that is not open yet, and for a moment for a proxy that does not reach what is behind it. */
  readonly get: (url: string, asked: Asked) => Promise<Reply>;
  readonly exec: RunIn;
  /** One try may take this long, in milliseconds. */
  readonly tryMs: () => number;
  /** Milliseconds since the epoch. */
  readonly now: () => number;
  readonly signal: AbortSignal;
}

/** Runs a command in the container of a service. Rejects where it does not end in time. @returns its exit code, and all that it printed */
export type RunIn = (
  service: string,
  command: readonly string[],
  timeoutMs: number,
) => Promise<{ readonly exitCode: number; readonly output: string }>;
