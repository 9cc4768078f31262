import * as fc from "fast-check";
import { expect, test } from "vitest";
import { clockChanges, dayMs, isZone, momentsOf, wallClock } from "../../../src/lib/clock/wall-clock.ts";

const berlin = wallClock("Europe/Berlin");
const moment = (text: string): number => Date.parse(text);
/** A span of years with changes of every kind: Lord Howe's are of half an hour, and Apia skipped a whole day in 2011. */
const zones = ["UTC", "Europe/Berlin", "America/New_York", "Asia/Kathmandu", "Australia/Lord_Howe", "Pacific/Apia"];
const times = fc.integer({ min: moment("2010-01-01T00:00:00Z"), max: moment("2035-01-01T00:00:00Z") });

test("a wall clock shows the day, the weekday and the minute of its zone", () => {
  expect(berlin(moment("2026-11-22T23:30:00Z"))).toMatchObject({ weekday: "mon", minute: 30 });
  expect(wallClock("America/New_York")(moment("2026-11-22T03:15:00Z"))).toMatchObject({
    weekday: "sat",
    minute: 22 * 60 + 15,
  });
  expect(wallClock("UTC")(-1)).toMatchObject({ day: -1, weekday: "wed", minute: 23 * 60 + 59 });
});

test.each([
  ["2026-03-29T00:59:59.999Z", "2026-03-29T01:00:00Z"],
  ["2026-10-25T00:59:59.999Z", "2026-10-25T01:00:00Z"],
])("a change of the clocks is found to the millisecond: %s", (before, change) => {
  const around = clockChanges(berlin, moment(before) - 5 * dayMs, moment(before) + 5 * dayMs);
  expect(around).toEqual([moment(change)]);
  expect(clockChanges(berlin, moment(change), moment(change) + 30 * dayMs)).toEqual([]);
});

test("a time that is skipped is no moment, and one that comes twice is two", () => {
  expect(momentsOf(berlin, moment("2026-03-29T02:30:00Z"))).toEqual([]);
  expect(momentsOf(berlin, moment("2026-10-25T02:30:00Z")).toSorted((one, other) => one - other)).toEqual([
    moment("2026-10-25T00:30:00Z"),
    moment("2026-10-25T01:30:00Z"),
  ]);
  expect(momentsOf(berlin, moment("2026-11-22T09:00:00Z"))).toEqual([moment("2026-11-22T08:00:00Z")]);
});

test("a name that is no zone is told from one", () => {
  expect(["Europe/Berlin", "UTC", "Europe/Atlantis", "", "9"].map(isZone)).toEqual([true, true, false, false, false]);
});

test("what a clock shows leads back to its moment, in every zone and season", () => {
  fc.assert(
    fc.property(fc.constantFrom(...zones), times, (zone, ms) => {
      const clock = wallClock(zone);
      expect(momentsOf(clock, clock(ms).shown)).toContain(ms);
    }),
  );
});
