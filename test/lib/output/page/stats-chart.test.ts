import { expect, test } from "vitest";
import { runsOf } from "../../../../src/lib/output/page/stats-chart.ts";

test("a line ends where a sample tells nothing of its service, and goes on where the next one does", () => {
  const [a, b, c] = [0, 3, 9].map((second) => ({ second, value: second }));
  expect(runsOf([a!, b!, c!], [0, 3, 6, 9])).toEqual([[a, b], [c]]);
  expect(runsOf([a!, b!, c!], [0, 3, 9])).toEqual([[a, b, c]]);
  expect(runsOf([], [0, 3])).toEqual([]);
});
