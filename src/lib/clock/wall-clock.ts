export const weekdays = ["mon", "tue", "wed", "thu", "fri", "sat", "sun"] as const;
export type Weekday = (typeof weekdays)[number];

const minuteMs = 60_000;
export const dayMinutes = 24 * 60;
export const dayMs = dayMinutes * minuteMs;

/** What the clocks on the walls of a zone show. */
export interface WallTime {
  /** Days since 1970-01-01, by the zone's calendar. */
  readonly day: number;
  readonly weekday: Weekday;
  /** Minutes since midnight. */
  readonly minute: number;
  /** What these clocks show, as if it were UTC, in milliseconds since the epoch. */
  readonly shown: number;
}

/** @param day days since 1970-01-01, which was a Thursday */
export function weekdayOf(day: number): Weekday {
  return weekdays[(((day + 3) % 7) + 7) % 7] ?? "thu";
}

/** Whether Intl knows a time zone of that name. */
export function isZone(name: string): boolean {
  try {
    return new Intl.DateTimeFormat("en", { timeZone: name }).resolvedOptions().timeZone !== "";
  } catch {
    return false;
  }
}

/** The clocks of a zone: what they show at a moment, in milliseconds since the epoch. @throws RangeError for a zone that there is not */
export function wallClock(zone: string): (ms: number) => WallTime {
  const format = new Intl.DateTimeFormat("en", {
    timeZone: zone,
    hourCycle: "h23",
    year: "numeric",
    month: "numeric",
    day: "numeric",
    hour: "numeric",
    minute: "numeric",
  });
  return (ms) => {
    const parts = new Map(format.formatToParts(ms).map(({ type, value }) => [type, Number(value)]));
    const part = (name: Intl.DateTimeFormatPartTypes): number => parts.get(name) ?? 0;
    const shown =
      Date.UTC(part("year"), part("month") - 1, part("day"), part("hour"), part("minute")) + modulo(ms, minuteMs);
    const day = Math.floor(shown / dayMs);
    return { day, weekday: weekdayOf(day), minute: Math.floor(modulo(shown, dayMs) / minuteMs), shown };
  };
}

/**
 * The moments in which the clocks of a zone are put forward or back, between two others; to the millisecond.
 * No zone does that twice in a day.
 */
export function clockChanges(clock: (ms: number) => WallTime, from: number, to: number): readonly number[] {
  const offset = (ms: number): number => clock(ms).shown - ms;
  const changes: number[] = [];
  for (let start = from; start < to; start += dayMs) {
    let [low, high] = [start, Math.min(start + dayMs, to)];
    if (offset(low) === offset(high)) continue;
    const before = offset(low);
    while (high - low > 1) {
      const middle = Math.floor((low + high) / 2);
      if (offset(middle) === before) low = middle;
      else high = middle;
    }
    changes.push(high);
  }
  return changes;
}

/** The moments in which the clocks of a zone show a time: none where it is skipped, two where it comes twice. @param shown as in WallTime */
export function momentsOf(clock: (ms: number) => WallTime, shown: number): readonly number[] {
  // No zone is farther from UTC than that; clocks that are changed between the two give both.
  const offsets = [-dayMs, dayMs].map((away) => clock(shown + away).shown - (shown + away));
  return [...new Set(offsets.map((offset) => shown - offset))].filter((ms) => clock(ms).shown === shown);
}

function modulo(value: number, by: number): number {
  return ((value % by) + by) % by;
}
