import * as fc from "fast-check";
import { expect, test } from "vitest";
import { Latencies } from "../../../src/lib/load/latencies.ts";

test("what was never answered has no latency", () => {
  const none = new Latencies();
  none.add(undefined, false);
  expect(none.measured()).toEqual({ requests: 1, errors: 1, p50Ms: null, p90Ms: null, p99Ms: null, maxMs: null });
});

test("percentiles are those of the values, to three figures", () => {
  const times = fc.array(fc.integer({ min: 10, max: 60_000_000 }), { minLength: 1, maxLength: 300 });
  fc.assert(
    fc.property(times, (micros) => {
      const latencies = new Latencies();
      for (const one of micros) latencies.add(one / 1000, true);
      const sorted = micros.toSorted((a, b) => a - b);
      // Ranks are rounded, as every HdrHistogram does it.
      const rankOf = (percent: number): number => Math.max(1, Math.floor((percent / 100) * sorted.length + 0.5));
      const exact = (percent: number): number => (sorted[rankOf(percent) - 1] ?? 0) / 1000;
      const { p50Ms, p90Ms, p99Ms, maxMs } = latencies.measured();
      for (const [seen, truth] of [
        [p50Ms, exact(50)],
        [p90Ms, exact(90)],
        [p99Ms, exact(99)],
        [maxMs, exact(100)],
      ] as const)
        expect(Math.abs((seen ?? 0) - truth)).toBeLessThanOrEqual(truth / 500 + 0.001);
    }),
  );
});
