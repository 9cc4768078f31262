import { expect, test } from "vitest";
import { type Mark, phasesOf } from "../../../../src/lib/actions/rehearse/phases.ts";
import type { Second } from "../../../../src/lib/load/load.ts";

const start = 1_000_000;
const at = (seconds: number, part: Mark["part"], step = ""): Mark => ({ part, step, at: start + seconds * 1000 });
/** Two slices a second, each of ten requests. */
const slices = (seconds: number, bad: Readonly<Record<number, Partial<Second>>> = {}): Second[] =>
  Array.from({ length: seconds * 2 }, (_, n) => ({
    requests: 10,
    errors: 0,
    p50Ms: 5,
    p99Ms: 9,
    maxMs: 10,
    ...bad[n],
  }));
const given = { endedAt: start + 10_000, startedAt: start, everyMs: 500, last: {} };

test("each request belongs to what was going on when it was due", () => {
  const marks = [
    at(0, "before"),
    at(2, "deploy"),
    at(3, "deploy", "migrate"),
    at(6, "deploy", "switch"),
    at(8, "served"),
  ];
  // Of the second half of the sixth second: still the migration.
  const seconds = slices(10, { 11: { errors: 2, maxMs: 3000 }, 12: { errors: 1 } });
  expect(phasesOf({ ...given, marks, slices: seconds, last: { migrate: 700 } })).toEqual([
    { part: "before", step: "", tookMs: 2000, lastMs: null, requests: 40, errors: 0, maxMs: 10 },
    { part: "deploy", step: "", tookMs: 1000, lastMs: null, requests: 20, errors: 0, maxMs: 10 },
    { part: "deploy", step: "migrate", tookMs: 3000, lastMs: 700, requests: 60, errors: 2, maxMs: 3000 },
    { part: "deploy", step: "switch", tookMs: 2000, lastMs: null, requests: 40, errors: 1, maxMs: 10 },
    { part: "served", step: "", tookMs: 2000, lastMs: null, requests: 40, errors: 0, maxMs: 10 },
  ]);
});

test("a step of another host goes on with that of the first, in whatever order they are told", () => {
  const marks = [
    at(0, "deploy", "pull"),
    at(4, "deploy", "pull"),
    at(6, "deploy", "switch"),
    at(2, "deploy", "switch"),
  ];
  expect(phasesOf({ ...given, marks, slices: slices(10) })).toMatchObject([
    { step: "pull", tookMs: 4000, requests: 80 },
    { step: "switch", tookMs: 6000, requests: 120 },
  ]);
});

test("where nobody got an answer, nobody knows how long it took", () => {
  const none = { requests: 5, errors: 5, maxMs: null };
  const marks = [at(0, "before"), at(1, "deploy", "switch")];
  const seconds = slices(2, { 2: none, 3: none });
  expect(phasesOf({ ...given, marks, slices: seconds })).toMatchObject([
    { maxMs: 10 },
    { step: "switch", requests: 10, errors: 10, maxMs: null },
  ]);
});

test("the rollback is beside no deployment", () => {
  const marks = [at(0, "rollback", "switch")];
  expect(phasesOf({ ...given, marks, slices: [], last: { switch: 900 } })).toMatchObject([{ lastMs: null }]);
});
