import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { type Budget, budgetText, parseBudget } from "../../../src/lib/config/budget.ts";
import { type Measured, overrun } from "../../../src/lib/config/measured.ts";

const measured = (change: Partial<Measured> = {}): Measured => ({
  requests: 1000,
  errors: 0,
  p50Ms: 10,
  p90Ms: 50,
  p99Ms: 200,
  maxMs: 900,
  ...change,
});
const over = (written: string, change: Partial<Measured> = {}): string[] =>
  (parseBudget(written) ?? []).flatMap((limit) => overrun(limit, measured(change)) ?? []);

describe("a budget", () => {
  test.each([
    ["p99=200ms,errors=0", "p99=200ms,errors=0"],
    ["p50=0.3s, max=1.25s", "p50=300ms,max=1250ms"],
    ["errors=0.1%", "errors=0.1%"],
    ["p90=12.5ms", "p90=12.5ms"],
  ])("%s is read, and written as %s", (written, text) => {
    expect(budgetText(parseBudget(written) ?? [])).toBe(text);
  });

  test.each([
    ["", "nothing"],
    ["p99", "no limit"],
    ["p99=200", "no unit"],
    ["p99=0ms", "nothing can keep it"],
    ["p95=200ms", "not measured"],
    ["errors=0.5", "half an error"],
    ["errors=101%", "more than all"],
    ["errors=5ms", "errors take no time"],
    ["p99=1s,p99=2s", "which one"],
    ["p99=200ms,,errors=0", "a hole"],
    ["constructor=1ms", "a word of the language"],
  ])("%j is none: %s", (written) => {
    expect(parseBudget(written)).toBeUndefined();
  });

  test("is kept up to its limit, and not beyond", () => {
    expect(over("p50=10ms,p90=50ms,p99=200ms,max=900ms,errors=0")).toEqual([]);
    expect(over("p50=9ms,p90=49ms,p99=199.99ms,max=0.899s")).toEqual([
      "p50 of 10 ms is more than 9 ms",
      "p90 of 50 ms is more than 49 ms",
      "p99 of 200 ms is more than 199.99 ms",
      "max of 900 ms is more than 899 ms",
    ]);
    expect(over("errors=1", { errors: 1 })).toEqual([]);
    expect(over("errors=0", { errors: 1 })).toEqual(["1 error is more than 0"]);
    expect(over("errors=1", { errors: 2 })).toEqual(["2 errors are more than 1"]);
    expect(over("errors=0.1%", { errors: 1 })).toEqual([]);
    expect(over("errors=0.1%", { errors: 1, requests: 999 })).toEqual(["0.101% of errors is more than 0.1%"]);
  });

  test("is not kept by what was not measured", () => {
    const nothing = { requests: 0, errors: 0, p50Ms: null, p90Ms: null, p99Ms: null, maxMs: null };
    expect(over("p99=1s,errors=100%", nothing)).toEqual([
      "p99 is not known: nothing was answered",
      "errors are not known: nothing was asked",
    ]);
  });

  test("means the same once it was written", () => {
    const of = fc.constantFrom("p50", "p90", "p99", "max");
    const time = fc.integer({ min: 1, max: 1e8 }).map((n) => n / 1000);
    const limit = fc.tuple(of, time).map(([of, most]) => ({ of, most, unit: "ms" }) as const);
    fc.assert(
      fc.property(limit, (one) => {
        const budget: Budget = [one];
        expect(parseBudget(budgetText(budget))).toEqual(budget);
      }),
    );
  });
});
