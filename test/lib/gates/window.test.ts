import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { dayMinutes, weekdays } from "../../../src/lib/clock/wall-clock.ts";
import { isOpen, nextOpening, type WindowConfig, windowText } from "../../../src/lib/gates/window.ts";
import { minute } from "./facts.ts";

const hour = 60 * minute;
const moment = (text: string): number => Date.parse(text);
const at = (text: string): number => {
  const [hours = 0, minutes = 0] = text.split(":").map(Number);
  return hours * 60 + minutes;
};
const window = (zone: string, days: readonly (typeof weekdays)[number][], from: string, to: string): WindowConfig => ({
  zone,
  open: [{ days, from: at(from), to: at(to) }],
});
const office = window("Europe/Berlin", ["mon", "tue", "wed", "thu"], "09:00", "16:00");

describe("a window", () => {
  test.each([
    ["2026-11-23T07:59:59Z", false],
    ["2026-11-23T08:00:00Z", true],
    ["2026-11-23T14:59:59Z", true],
    ["2026-11-23T15:00:00Z", false],
    ["2026-11-22T10:00:00Z", false],
    // In summer the same hour of the clocks is another one of UTC.
    ["2026-07-20T07:00:00Z", true],
    ["2026-07-20T14:00:00Z", false],
  ])("at %s is open: %s", (now, open) => {
    expect(isOpen(office, moment(now))).toBe(open);
  });

  test("over midnight belongs to the day on which it opens", () => {
    const night = window("UTC", ["fri"], "22:00", "02:00");
    const open = ["2026-11-27T21:59:00Z", "2026-11-27T22:00:00Z", "2026-11-28T01:59:00Z", "2026-11-28T02:00:00Z"];
    expect(open.map((now) => isOpen(night, moment(now)))).toEqual([false, true, true, false]);
    expect(isOpen(night, moment("2026-11-27T01:00:00Z"))).toBe(false);
  });

  test.each([
    ["the next morning", office, "2026-11-23T15:00:00Z", "2026-11-24T08:00:00Z"],
    ["after a weekend", office, "2026-11-26T15:00:00Z", "2026-11-30T08:00:00Z"],
    ["after a weekend on which summer ends", office, "2026-10-22T14:00:00Z", "2026-10-26T08:00:00Z"],
    [
      "where the clocks skip its beginning, with the change",
      window("Europe/Berlin", ["sun"], "02:30", "04:00"),
      "2026-03-28T12:00:00Z",
      "2026-03-29T01:00:00Z",
    ],
    [
      "where they skip all of it, a week later",
      window("Europe/Berlin", ["sun"], "02:00", "03:00"),
      "2026-03-28T12:00:00Z",
      "2026-04-05T00:00:00Z",
    ],
    [
      "once more, where an hour comes twice",
      window("Europe/Berlin", ["sun"], "01:00", "02:30"),
      "2026-10-25T00:45:00Z",
      "2026-10-25T01:00:00Z",
    ],
  ])("opens %s", (_, given, now, next) => {
    expect(new Date(nextOpening(given, moment(now)) ?? 0)).toEqual(new Date(next));
  });

  test("is told in few words", () => {
    const more = {
      ...office,
      open: [...(office.open ?? []), { days: ["fri", "sun"] as const, from: 0, to: dayMinutes }],
    };
    expect(windowText(more)).toBe("mon–thu 09:00–16:00 and fri and sun 00:00–24:00 (Europe/Berlin)");
    expect(windowText({ ...office, calendars: ["freezes"] })).toBe(
      "mon–thu 09:00–16:00 (Europe/Berlin), while the calendar freezes is open",
    );
    expect(windowText({ zone: "UTC", calendars: ["a", "b"] })).toBe("while the calendars a and b are open");
  });
});

test("the next opening is the first open moment: what lies between is shut, in every zone and season", () => {
  const zone = fc.constantFrom("UTC", "Europe/Berlin", "America/New_York", "Australia/Lord_Howe", "Asia/Kathmandu");
  const days = fc.subarray([...weekdays], { minLength: 1 });
  const time = fc.integer({ min: 0, max: 95 }).map((quarter) => quarter * 15);
  const opening = fc.record({ days, from: time, to: time }).filter(({ from, to }) => from !== to);
  const open = fc.array(opening, { minLength: 1, maxLength: 2 });
  // Around the changes of the clocks, and at any time.
  const changes = ["2026-03-08T07:00:00Z", "2026-03-29T01:00:00Z", "2026-10-25T01:00:00Z", "2026-11-01T06:00:00Z"];
  const near = fc
    .tuple(fc.constantFrom(...changes), fc.integer({ min: -30 * 60, max: 30 * 60 }))
    .map(([change, minutes]) => moment(change) + minutes * minute);
  const any = fc
    .integer({ min: 0, max: 365 * 24 * 60 })
    .map((minutes) => moment("2026-01-01T00:00:00Z") + minutes * minute);
  fc.assert(
    fc.property(zone, open, fc.oneof(near, any), (name, openings, now) => {
      const given: WindowConfig = { zone: name, open: openings };
      if (isOpen(given, now)) return;
      const next = nextOpening(given, now);
      expect(next).toBeGreaterThan(now);
      expect(isOpen(given, next ?? 0)).toBe(true);
      expect(isOpen(given, (next ?? 0) - 1)).toBe(false);
      const quarters = Array.from(
        { length: Math.floor(((next ?? 0) - 1 - now) / (hour / 4)) },
        (_, n) => now + n * (hour / 4),
      );
      expect(quarters.some((ms) => isOpen(given, ms))).toBe(false);
    }),
    { numRuns: 60 },
  );
});
