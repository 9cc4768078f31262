import { expect, test } from "vitest";
import { compareTimings, longestTimings, slowestOf, usualTimings } from "../../../src/lib/fleet/timings.ts";
import type { Deployment } from "../../../src/lib/ledger/ledger.ts";
import type { Timings } from "../../../src/lib/script/summary.ts";

const past = (kind: "deploy" | "rollback", result: string, timings?: Timings): Deployment =>
  ({ intent: { kind }, outcome: { result, timings } }) as unknown as Deployment;

test("of several hosts the longest of each step counts, whoever took it", () => {
  expect(longestTimings([{ pull: 900, switch: 100 }, { switch: 400, prune: 5 }, {}])).toEqual({
    pull: 900,
    switch: 400,
    prune: 5,
  });
});

test("of a round the host that took longest in all tells its steps, and none where no host tells", () => {
  expect(slowestOf([{ pull: 900 }, { pull: 100, switch: 801 }, {}])).toEqual({ pull: 100, switch: 801 });
  expect(slowestOf([{}, {}])).toBeUndefined();
});

test("usual is the median of what succeeded, of the same kind; one that says nothing counts for nothing", () => {
  const log = [
    past("deploy", "succeeded", { pull: 1000, migrate: 50 }),
    past("deploy", "succeeded"),
    past("rollback", "succeeded", { pull: 7 }),
    past("deploy", "failed", { pull: 99_000 }),
    past("deploy", "succeeded", { pull: 3000 }),
    past("deploy", "succeeded", { pull: 9000 }),
  ];
  expect(usualTimings(log, "deploy")).toEqual({ pull: 3000 });
  expect(usualTimings([...log, past("deploy", "succeeded", { pull: 5000 })], "deploy")).toEqual({ pull: 4000 });
  expect(usualTimings(log.slice(0, -1), "deploy")).toEqual({});
  expect(usualTimings([], "deploy")).toEqual({});
});

test("a step that no earlier one had has no usual time", () => {
  expect(compareTimings({ pull: 10, switch: 20 }, { switch: 25, migrate: 1 })).toEqual([
    { step: "pull", tookMs: 10, usualMs: null },
    { step: "switch", tookMs: 20, usualMs: 25 },
  ]);
});
