import type { Clock } from "../../src/lib/clock/clock.ts";

/** A clock on which every sleep takes a moment of real time and its whole length of clock time. */
export function hurriedClock(start = Date.parse("2026-11-22T10:00:00Z")): Clock & { advance(ms: number): void } {
  let now = start;
  return {
    now: () => now,
    advance: (ms) => {
      now += ms;
    },
    sleep: async (ms, signal) => {
      signal?.throwIfAborted();
      now += ms;
      await new Promise((resolve) => setTimeout(resolve, 1));
      signal?.throwIfAborted();
    },
  };
}

/** The machine's own time, but for sleeping: that takes none, and is skipped. @param times how much longer a sleep takes by the clock */
export function skippingClock(times = 1): Clock {
  let skipped = 0;
  return {
    now: () => Date.now() + skipped,
    sleep: async (ms, signal) => {
      signal?.throwIfAborted();
      skipped += ms * times;
      await new Promise(setImmediate);
      signal?.throwIfAborted();
    },
  };
}

/** The clock of a machine that is wrong by so many milliseconds. */
export function aheadOf(clock: Clock, ms: number): Clock {
  return { ...clock, now: () => clock.now() + ms };
}

/** A sleep that ends with its signal only. */
export const withoutPulse: Clock["sleep"] = (_, signal) =>
  new Promise((_resolve, reject) => {
    signal?.addEventListener("abort", () => reject(signal.reason), { once: true });
  });
