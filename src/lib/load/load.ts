import type { Measured } from "../config/measured.ts";

// What goes to the worker that asks, and what comes back: plain values, which a thread can hand to another.

/** What servers are asked for, how often and for how long. */
export interface Load {
  readonly targets: readonly Target[];
  readonly requests: readonly LoadRequest[];
  /** Requests a second, all targets together. */
  readonly rate: number;
  readonly durationMs: number;
  /** One answer may take so long until its last byte. */
  readonly timeoutMs: number;
  /** How long each part of the time is by which it is counted, in milliseconds; a second where absent. */
  readonly everyMs?: number;
}

export interface Target {
  readonly name: string;
  /** `https://staging.example.com`. */
  readonly base: string;
}

export interface LoadRequest {
  readonly path: string;
  readonly method: string;
  /** Lower-case names. */
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: string;
  /** Any other is an error. */
  readonly status: number;
  /** How often, beside those of the others. */
  readonly weight: number;
}

/** What was measured when a load was over, or broken off. */
export interface LoadReport {
  readonly total: Measured;
  /** In the order of the load's own. */
  readonly targets: readonly (Measured & { readonly seconds: readonly Second[] })[];
  readonly requests: readonly Measured[];
  /** How many answers took about how long. */
  readonly latencies: readonly Bucket[];
  readonly errors: readonly ErrorCount[];
  /** How many answers named which release (X-Release). */
  readonly releases: Readonly<Record<string, number>>;
  readonly seconds: readonly Second[];
  /** By how much 99 of 100 requests went out late at most, in milliseconds: that is this machine's doing. */
  readonly lateMs: number;
  /** So long requests were made, in milliseconds. */
  readonly tookMs: number;
}

export interface Bucket {
  readonly overMs: number;
  readonly upToMs: number;
  readonly count: number;
}

export interface ErrorCount {
  /** `status 502`, `no answer within 10 s`. */
  readonly says: string;
  readonly count: number;
}

/** The requests that were due in one second of the load, or in as much as the load says (everyMs). */
export interface Second extends Pick<Measured, "requests" | "errors" | "p50Ms" | "p99Ms" | "maxMs"> {}

/** What is known of a load that goes on. */
export interface LoadNow {
  readonly total: Measured;
  readonly elapsedMs: number;
}

export type ToWorker = "stop" | "end";

export type FromWorker =
  | { readonly kind: "tick"; readonly now: LoadNow }
  | { readonly kind: "end"; readonly report: LoadReport };

/**
 * Asks at a constant rate, whether answers come or not.
 * @returns what was counted, also where the signal has ended it. Rejects where nothing could be asked at all
 */
export type RunLoad = (load: Load, options: LoadOptions) => Promise<LoadReport>;

export interface LoadOptions {
  /** Ends it at once. */
  readonly signal: AbortSignal;
  /** From then on nothing more is asked; what is under way still counts. */
  readonly enough?: AbortSignal;
  /** Told each second. */
  readonly onTick: (now: LoadNow) => void;
}
