import type { Clock } from "../../clock/clock.ts";

/** Lets at most `perSecond` calls start in any second; the rest wait their turn. */
export function pace(limits: {
  readonly clock: Clock;
  readonly perSecond: number;
  readonly signal?: AbortSignal | undefined;
}): () => Promise<void> {
  const { clock, perSecond, signal } = limits;
  const starts: number[] = [];
  return async () => {
    const earliest = (starts.at(-perSecond) ?? Number.NEGATIVE_INFINITY) + 1_000;
    const start = Math.max(clock.now(), earliest);
    starts.push(start);
    const wait = start - clock.now();
    if (wait > 0) await clock.sleep(wait, signal);
  };
}
