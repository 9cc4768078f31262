import type { Clock } from "../../src/lib/clock/clock.ts";

/** A clock that stands still until it is moved: then whatever sleeps until there wakes, in order, and goes on. */
export function manualClock(): { readonly clock: Clock; readonly tick: (ms: number) => Promise<void> } {
  let now = 0;
  const sleepers = new Set<{ readonly until: number; readonly wake: () => void }>();
  const sleep: Clock["sleep"] = (ms, signal) =>
    new Promise((resolve, reject) => {
      if (signal?.aborted === true) return reject(signal.reason);
      const sleeper = { until: now + ms, wake: resolve };
      sleepers.add(sleeper);
      signal?.addEventListener("abort", () => {
        sleepers.delete(sleeper);
        reject(signal.reason);
      });
    });
  return {
    clock: { now: () => now, sleep },
    tick: async (ms) => {
      now += ms;
      for (const sleeper of [...sleepers].toSorted((one, other) => one.until - other.until)) {
        if (sleeper.until > now) continue;
        sleepers.delete(sleeper);
        sleeper.wake();
      }
      await new Promise(setImmediate);
    },
  };
}
