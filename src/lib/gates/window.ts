import {
  clockChanges,
  dayMinutes,
  dayMs,
  momentsOf,
  wallClock,
  type WallTime,
  weekdayOf,
  weekdays,
} from "../clock/wall-clock.ts";
import type { GatesConfig } from "../config/config.ts";
import { clock as time } from "../config/gates-words.ts";
import { are, list } from "../text/words.ts";

export type WindowConfig = NonNullable<GatesConfig["window"]>;
type Opening = NonNullable<WindowConfig["open"]>[number];

/** A week, and another one, should the clocks skip the only opening of the first. */
const daysAhead = 15;

/** Whether it is one of a window's hours: by what the clocks of its zone show, so that nobody has to think of summer time. @param now milliseconds since the epoch */
export function isOpen({ zone, open, and }: WindowConfig, now: number): boolean {
  const isHour = open === undefined || opens({ open }, wallClock(zone)(now));
  return isHour && (and === undefined || isOpen(and, now));
}

/** When the hours of a window that is shut begin next, in milliseconds since the epoch; undefined where it does not. @param now the same */
export function nextOpening(window: WindowConfig, now: number): number | undefined {
  const { and, ...own } = window;
  if (and === undefined) return nextStart(own, now);
  // What opens with the one or with the other may find the other one shut.
  const end = now + daysAhead * dayMs;
  for (let at: number | undefined = now; at !== undefined && at < end;) {
    at = earliest([nextStart(own, at), nextStart(and, at)]);
    if (at !== undefined && isOpen(window, at)) return at;
  }
  return undefined;
}

function nextStart({ zone, open = [] }: WindowConfig, now: number): number | undefined {
  const clock = wallClock(zone);
  const { day: today } = clock(now);
  const days = Array.from({ length: daysAhead + 1 }, (_, ahead) => today + ahead);
  const starts = days.flatMap((day) =>
    open
      .filter((opening) => opening.days.includes(weekdayOf(day)))
      .flatMap(({ from }) => momentsOf(clock, day * dayMs + from * 60_000)),
  );
  // Where its beginning is skipped it opens with the change, and once more where an hour comes twice.
  const changes = clockChanges(clock, now, now + daysAhead * dayMs);
  const opens = [...starts, ...changes].filter((ms) => ms > now && open.some((one) => holds(one, clock(ms))));
  return earliest(opens);
}

function earliest(moments: readonly (number | undefined)[]): number | undefined {
  const known = moments.filter((at) => at !== undefined);
  return known.length === 0 ? undefined : Math.min(...known);
}

/** Whether the hours of a window lie within those of another: of one zone it is known, of two it is not asked. */
export function isWithin(one: WindowConfig, other: WindowConfig): boolean {
  if (other.and !== undefined && !isWithin(one, other.and)) return false;
  if (other.open === undefined) return true;
  const isOneOf = one.and !== undefined && isWithin(one.and, { zone: other.zone, open: other.open });
  // Any hour of any zone is within none.
  if (one.open === undefined) return isOneOf;
  return isOneOf || (one.zone === other.zone && week.every((time) => !opens(one, time) || opens(other, time)));
}

/** Every minute of a week. */
const week: readonly Omit<WallTime, "shown">[] = weekdays.flatMap((weekday, index) =>
  // 5 January 1970 was the first Monday.
  Array.from({ length: dayMinutes }, (_, minute) => ({ day: 4 + index, weekday, minute })),
);

function opens({ open = [] }: Pick<WindowConfig, "open">, time: Omit<WallTime, "shown">): boolean {
  return open.some((opening) => holds(opening, time));
}

function holds({ days, from, to }: Opening, { day, weekday, minute }: Omit<WallTime, "shown">): boolean {
  if (from < to) return days.includes(weekday) && minute >= from && minute < to;
  // Over midnight.
  return (days.includes(weekday) && minute >= from) || (days.includes(weekdayOf(day - 1)) && minute < to);
}

/** `mon–thu 09:00–16:00 and fri 09:00–12:00 (Europe/Berlin), while the calendar freezes is open`. */
export function windowText(window: WindowConfig): string {
  const { calendars } = window;
  const hours = hoursTexts(window).join(", and of that ");
  if (calendars === undefined) return hours;
  return `${hours === "" ? "" : `${hours}, `}while ${calendarsText(calendars)} ${are(calendars.length)} open`;
}

/** `the calendars freezes and team`. */
export function calendarsText(names: readonly string[]): string {
  return `the ${names.length === 1 ? "calendar" : "calendars"} ${list(names)}`;
}

function hoursTexts({ zone, open, and }: WindowConfig): string[] {
  const times = open?.map((one) => `${daysText(one)} ${time(one.from)}–${time(one.to)}`);
  return [...(times === undefined ? [] : [`${list(times)} (${zone})`]), ...(and === undefined ? [] : hoursTexts(and))];
}

/** `Sat 21 Nov 10:02`: what the clocks of the zone show. */
export function shownText(zone: string, ms: number): string {
  const [weekday = "", day = "", month = "", , clock = ""] = new Date(wallClock(zone)(ms).shown)
    .toUTCString()
    .split(" ");
  return `${weekday.slice(0, 3)} ${Number(day)} ${month} ${clock.slice(0, 5)}`;
}

/** Days that follow each other are told by the first and the last. */
function daysText({ days }: Opening): string {
  const at = weekdays.flatMap((name, index) => (days.includes(name) ? [index] : []));
  const [first = 0] = at;
  const last = at.at(-1) ?? first;
  const isRow = at.length > 2 && last - first === at.length - 1;
  return isRow ? `${weekdays[first] ?? ""}–${weekdays[last] ?? ""}` : list(at.map((index) => weekdays[index] ?? ""));
}
