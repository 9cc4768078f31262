import { describe, expect, it } from "vitest";
import { type Clock, systemClock } from "../../../src/lib/clock/clock.ts";
import { until } from "../../../src/lib/clock/until.ts";

function fakeClock(): Clock & { slept: number[] } {
  let now = 0;
  const slept: number[] = [];
  return {
    slept,
    now: () => now,
    sleep: (ms) => {
      slept.push(ms);
      now += ms;
      return Promise.resolve();
    },
  };
}

describe("until", () => {
  it("returns the first value, after growing pauses", async () => {
    const clock = fakeClock();
    let left = 4;
    const value = await until(() => Promise.resolve((left -= 1) === 0 ? "there" : undefined), {
      clock,
      timeoutMs: 10_000,
      pauseMs: 100,
      maxPauseMs: 200,
    });
    expect(value).toBe("there");
    expect(clock.slept).toEqual([100, 150, 200]);
  });

  it("gives up at the deadline, not later, with a last attempt then", async () => {
    const clock = fakeClock();
    let attempts = 0;
    const value = await until(() => Promise.resolve(((attempts += 1), undefined)), {
      clock,
      timeoutMs: 250,
      pauseMs: 100,
    });
    expect(value).toBeUndefined();
    expect(clock.now()).toBe(250);
    expect(attempts).toBe(3);
  });

  it("counts the pauses alone where attempts may be kept waiting", async () => {
    const clock = fakeClock();
    let attempts = 0;
    const slowly = async (): Promise<undefined> => {
      attempts += 1;
      await clock.sleep(1_000);
    };
    await until(slowly, { clock, timeoutMs: 250, pauseMs: 100, pausesOnly: true });
    expect(attempts).toBe(3);
    attempts = 0;
    await until(slowly, { clock, timeoutMs: 250, pauseMs: 100 });
    expect(attempts).toBe(1);
  });

  it("stops at once when aborted", async () => {
    const abort = new AbortController();
    const waiting = until(() => Promise.resolve(undefined), {
      clock: systemClock,
      timeoutMs: 60_000,
      pauseMs: 60_000,
      signal: abort.signal,
    });
    abort.abort(new Error("stop"));
    await expect(waiting).rejects.toThrow("stop");
  });
});
