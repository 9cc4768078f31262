import { expect, test } from "vitest";
import { stepAt } from "../../../src/lib/fleet/paused-steps.ts";

const known = { steps: new Map([["first", 1]]), begun: 1 };

test.each([
  ["a pause that is on record is at its own step", ["first"], known, 1],
  ["behind one that somebody has let go on by other means comes the next step", ["second"], known, 2],
  ["behind what was approved, too", ["third"], { ...known, begun: 3 }, 3],
  ["of several that wait the last counts", ["first", "second"], known, 2],
  ["nothing is on record: the first", ["first"], { steps: new Map<string, number>(), begun: 1 }, 1],
])("%s", (_, hooks, of, step) => {
  const waiting = hooks.map((hookId) => ({ hookId }));
  expect(stepAt(waiting, of)).toBe(step);
});
