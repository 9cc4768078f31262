import { performance } from "node:perf_hooks";
import { clearInterval, clearTimeout, setInterval, setTimeout } from "node:timers";
import { openAsker } from "./ask.ts";
import type { Load, LoadNow, LoadReport } from "./load.ts";
import { Tally } from "./tally.ts";
import { turnsOf } from "./turns.ts";

/** A timer wakes up to a millisecond late: nobody has waited for that. What is later than this counts from when it was due. */
const grainMs = 2;
/** So many may wait at once; one more is an error of its own, since a machine has no more connections than that. */
const mostWaiting = 5_000;

export interface OpenLoop {
  readonly report: Promise<LoadReport>;
  /** Asks no more; what is under way is not counted. */
  stop(): void;
  /** Asks no more; what is under way still is. */
  end(): void;
}

/**
 * Makes requests when they are due, whatever has become of those before: an open loop. A server that stalls for a second has
 * then kept a second's worth of people waiting, each from when they came, and all of them count. A loop that waits for answers
 * before it asks again would ask one of them (coordinated omission), and so does autocannon with its overallRate, which fills
 * up with made-up latencies, one a millisecond (7.x to 9.0, run.js).
 */
export function openLoop(load: Load, onTick: (now: LoadNow) => void): OpenLoop {
  const { rate, durationMs } = load;
  const [tally, asker, turn] = [new Tally(load), openAsker(load), turnsOf(load)];
  let all = Math.max(1, Math.floor((rate * durationMs) / 1000));
  const { promise, resolve } = Promise.withResolvers<LoadReport>();
  const began = performance.now();
  const elapsed = (): number => performance.now() - began;
  let made = 0;
  let waiting = 0;
  let timer: NodeJS.Timeout | undefined;
  const ticking = setInterval(() => onTick(tally.now(elapsed())), 1000);
  const finish = (): void => {
    clearInterval(ticking);
    clearTimeout(timer);
    asker.close();
    resolve(tally.report(Math.min(elapsed(), durationMs)));
  };
  const make = (dueMs: number): void => {
    const whose = turn();
    const late = elapsed() - dueMs;
    const from = late > grainMs ? dueMs : elapsed();
    tally.sent(late);
    if (waiting >= mostWaiting) {
      const error = `not asked: ${mostWaiting} requests were waiting`;
      return tally.ended({ turn: whose, dueMs, waitedMs: undefined, error, release: undefined });
    }
    waiting += 1;
    asker.ask(whose, ({ error, isWait, release }) => {
      waiting -= 1;
      tally.ended({ turn: whose, dueMs, waitedMs: isWait ? elapsed() - from : undefined, error, release });
      if (made === all && waiting === 0) finish();
    });
  };
  const dueAt = (place: number): number => (place * 1000) / rate;
  const pump = (): void => {
    while (made < all && dueAt(made) <= elapsed()) {
      made += 1;
      make(dueAt(made - 1));
    }
    if (made < all) timer = setTimeout(pump, Math.max(0, dueAt(made) - elapsed()));
    else if (waiting === 0) finish();
  };
  const end = (): void => {
    all = made;
    pump();
  };
  pump();
  return { report: promise, stop: finish, end };
}
