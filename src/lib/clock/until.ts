import type { Clock } from "./clock.ts";

export interface UntilOptions {
  readonly clock: Clock;
  /** Give up after this many milliseconds. */
  readonly timeoutMs: number;
  /** Only the pauses count: what an attempt itself was kept waiting for, such as AWS's throttling, is not looked in. */
  readonly pausesOnly?: boolean;
  /** First pause between attempts, in milliseconds; grows by half each time up to `maxPauseMs`. */
  readonly pauseMs: number;
  readonly maxPauseMs?: number;
  readonly signal?: AbortSignal | undefined;
}

/**
 * Calls `attempt` until it returns something other than `undefined`.
 * @returns that value, or `undefined` when the time is up (the caller says what was missing).
 */
export async function until<T>(attempt: () => Promise<T | undefined>, options: UntilOptions): Promise<T | undefined> {
  const began = options.clock.now();
  let paused = 0;
  let pause = options.pauseMs;
  for (;;) {
    options.signal?.throwIfAborted();
    const value = await attempt();
    if (value !== undefined) return value;
    const left = options.timeoutMs - (options.pausesOnly === true ? paused : options.clock.now() - began);
    if (left <= 0) return undefined;
    await options.clock.sleep(Math.min(pause, left), options.signal);
    paused += Math.min(pause, left);
    pause = Math.min(pause * 1.5, options.maxPauseMs ?? options.pauseMs * 8);
  }
}
