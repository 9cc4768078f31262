import { describe, expect, test } from "vitest";
import { journey, stationInTheWay } from "../e2e/journey.ts";

test("in the way of a station is the first before it that failed or did not run", () => {
  const [first, failed, skipped, last] = [
    { name: "first", result: { state: "pass" } },
    { name: "failed", result: { state: "fail" } },
    { name: "skipped" },
    { name: "last" },
  ] as const;
  expect(stationInTheWay([first, last], last)).toBeUndefined();
  expect(stationInTheWay([first, failed, skipped, last], last)).toBe(failed);
  expect(stationInTheWay([first, skipped, last], last)).toBe(skipped);
  expect(stationInTheWay([first, failed], first)).toBeUndefined();
});

describe("stations that succeed", () => {
  journey();
  const ran: number[] = [];
  test("are run", () => expect(ran.push(1)).toBe(1));
  test("in their order", () => expect(ran).toEqual([1]));
});
