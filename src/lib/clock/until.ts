import type { Clock } from "./clock.ts";

export interface UntilOptions {
  readonly clock: Clock;
  /** Give up after this many milliseconds. */
  readonly timeoutMs: number;
  /** First pause between attempts, in milliseconds; grows by half each time up to `maxPauseMs`. */
  readonly pauseMs: number;
  readonly maxPauseMs?: number;
  readonly signal?: AbortSignal;
}

/**
 * Calls `attempt` until it returns something other than `undefined`.
 * @returns that value, or `undefined` when the time is up (the caller says what was missing).
 */
export async function until<T>(attempt: () => Promise<T | undefined>, options: UntilOptions): Promise<T | undefined> {
  const deadline = options.clock.now() + options.timeoutMs;
  let pause = options.pauseMs;
  for (;;) {
    options.signal?.throwIfAborted();
    const value = await attempt();
    if (value !== undefined) return value;
    const left = deadline - options.clock.now();
    if (left <= 0) return undefined;
    await options.clock.sleep(Math.min(pause, left), options.signal);
    pause = Math.min(pause * 1.5, options.maxPauseMs ?? options.pauseMs * 8);
  }
}
