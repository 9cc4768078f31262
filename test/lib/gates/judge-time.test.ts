import { describe, expect, test } from "vitest";
import { judgeGates } from "../../../src/lib/gates/judge.ts";
import type { GateFacts } from "../../../src/lib/gates/gate-facts.ts";
import type { GateName } from "../../../src/lib/gates/names.ts";
import { isWaiting, waitingText } from "../../../src/lib/gates/waiting.ts";
import type { CalendarState } from "../../../src/lib/remote/change-calendar.ts";
import { facts, minute, now, one } from "./facts.ts";

const judged = (name: GateName, given: GateFacts) => judgeGates(given, new Map()).find(({ gate }) => gate === name);
const again = `threads gates ${one.release.revision} -e prod`;

describe("maturity", () => {
  const published = (ago: number | undefined) =>
    judged("maturity", facts({ maturityMs: 60 * minute }, ago === undefined ? {} : { publishedAt: now - ago }));

  test("passes to the millisecond", () => {
    expect(published(60 * minute)).toMatchObject({
      state: "passed",
      says: "published 22 Nov 2026 11:00 UTC, 60 min ago (60 min are asked for)",
    });
    expect(published(60 * minute - 1)?.state).toBe("missing");
  });

  test("of what is too young says how long it takes, and that nobody has to do anything", () => {
    expect(published(20 * minute)).toMatchObject({
      state: "missing",
      says: "published 22 Nov 2026 11:40 UTC, and 60 min are asked for: 40 min to go",
      opensBy: "time",
      opensAt: "2026-11-22T12:40:00Z",
      next: [again],
      advice: ["wait until 22 Nov 2026 12:40 UTC"],
    });
  });

  test("is no age where the registry tells none", () => {
    expect(published(undefined)).toMatchObject({ state: "blocked", opensBy: null });
  });
});

describe("window", () => {
  const at = (text: string, zone = "Europe/Berlin") =>
    judged(
      "window",
      facts(
        { window: { zone, open: [{ days: ["mon", "tue"], from: 9 * 60, to: 16 * 60 }] } },
        { now: Date.parse(text) },
      ),
    );

  test("that is open says what time it is there", () => {
    expect(at("2026-11-23T08:00:00Z")).toMatchObject({
      state: "passed",
      says: "it is Mon 23 Nov 09:00 in Europe/Berlin, and prod takes releases mon and tue 09:00–16:00 (Europe/Berlin)",
    });
  });

  test("that is shut says when it opens", () => {
    expect(at("2026-11-22T12:00:00Z")).toMatchObject({
      state: "missing",
      says: "it is Sun 22 Nov 13:00 in Europe/Berlin, and prod takes releases mon and tue 09:00–16:00 (Europe/Berlin): it opens Mon 23 Nov 09:00 there, 23 Nov 2026 08:00 UTC",
      opensBy: "time",
      opensAt: "2026-11-23T08:00:00Z",
      next: [again],
    });
  });
});

describe("a window with change calendars", () => {
  const judge = (calendar: CalendarState | undefined, text = "2026-11-23T08:00:00Z", more: object = {}) =>
    judged(
      "window",
      facts({ window: { zone: "UTC", calendars: ["freezes"], ...more } }, { now: Date.parse(text), calendar }),
    );
  const open = { isOpen: true, changesAt: undefined };
  const until = { isOpen: false, changesAt: Date.parse("2026-11-30T00:00:00Z") };
  const hours = { open: [{ days: ["mon"], from: 9 * 60, to: 16 * 60 }] };

  test("that are open is open, in its hours", () => {
    expect(judge(open)).toMatchObject({
      state: "passed",
      says: "it is Mon 23 Nov 08:00 in UTC, and prod takes releases while the calendar freezes is open",
    });
    expect(judge(open, "2026-11-23T09:00:00Z", hours)?.state).toBe("passed");
    expect(judge(open, undefined, hours)).toMatchObject({ state: "missing", opensAt: "2026-11-23T09:00:00Z" });
  });

  test("one of which is closed says until when, and waits for the later of both", () => {
    expect(judge(until)).toMatchObject({
      state: "missing",
      says: "it is Mon 23 Nov 08:00 in UTC, and prod takes releases while the calendar freezes is open; the calendar freezes is closed until 30 Nov 2026 00:00 UTC",
      opensBy: "time",
      opensAt: "2026-11-30T00:00:00Z",
    });
    expect(judge(until, undefined, hours)).toMatchObject({ opensAt: "2026-11-30T00:00:00Z" });
    expect(judge({ isOpen: false, changesAt: undefined })).toMatchObject({
      opensBy: "the calendar freezes",
      opensAt: null,
    });
    expect(judge(until, undefined, { calendars: ["a", "b"] })?.says).toMatch(
      /; not all of these calendars are open until/,
    );
  });

  test("of which nobody can tell is shut", () => {
    for (const calendar of [undefined, { unknown: "freezes is not all there" }])
      expect(judge(calendar)).toMatchObject({
        state: "blocked",
        opensBy: null,
        says: expect.stringMatching(/^whether the calendar freezes let it through cannot be told: /),
        next: ["aws ssm get-calendar-state --calendar-names freezes", again],
      });
  });
});

test("a promotion waits where every gate that is shut opens without it", () => {
  const time = { gate: "window", opensBy: "time", opensAt: "2026-11-23T08:00:00Z" } as const;
  const people = { gate: "scan", opensBy: "the registry's scan", opensAt: null } as const;
  const nobody = { gate: "verified", opensBy: null, opensAt: null } as const;
  expect([isWaiting([]), isWaiting([time, people]), isWaiting([time, nobody])]).toEqual([false, true, false]);
  expect([time, people].map(waitingText)).toEqual([
    "window until 23 Nov 2026 08:00 UTC",
    "scan for the registry's scan",
  ]);
});
