import type { Clock } from "../clock/clock.ts";

/** `up`: compose has ended. `alarm`: something went wrong. `news`: something changed. `time`: nobody rang. */
type Call = "alarm" | "up" | "news" | "time";

interface BellPorts {
  readonly clock: Clock;
  readonly signal: AbortSignal;
}

export interface Bell {
  ring(call: Call): void;
  /** Rings `news` in so many milliseconds. */
  ringAfter(ms: number, ports: BellPorts): void;
  /** Resolves with the most urgent call since the last wait, or "time". */
  wait(ms: number, ports: BellPorts): Promise<Call>;
}

/** A bell that can be rung before anybody listens; calls that arrive together are one. */
export function bell(): Bell {
  const urgency: readonly Call[] = ["up", "alarm", "news"];
  const calls = new Set<Call>();
  let wake = (): void => undefined;
  const ring = (call: Call): void => {
    calls.add(call);
    wake();
  };
  return {
    ring,
    ringAfter: (ms, { clock, signal }) =>
      void clock.sleep(ms, signal).then(
        () => ring("news"),
        () => undefined,
      ),
    wait: async (ms, { clock, signal }) => {
      const rung = new Promise<void>((resolve) => (wake = resolve));
      const stop = new AbortController();
      if (calls.size === 0)
        await Promise.race([rung, clock.sleep(ms, AbortSignal.any([signal, stop.signal]))]).finally(() => stop.abort());
      signal.throwIfAborted();
      const call = urgency.find((one) => calls.has(one)) ?? "time";
      calls.clear();
      return call;
    },
  };
}
