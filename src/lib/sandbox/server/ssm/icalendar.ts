/** A change calendar: open but for its events, or closed but for them (Systems Manager user guide, "Change Calendar"). */
export interface ChangeCalendar {
  readonly isOpenByDefault: boolean;
  readonly events: readonly CalendarEvent[];
}

/** Milliseconds since the epoch; the end is no part of it. */
export interface CalendarEvent {
  readonly start: number;
  readonly end: number;
}

/**
 * Reads the iCalendar 2.0 text of a calendar (RFC 5545), as far as the sandbox knows it: events with a beginning and an end in
 * UTC, and none that come again. @throws Error for everything else
 */
export function readCalendar(text: string): ChangeCalendar {
  // A line goes on where the next begins with a space.
  const lines = text
    .replaceAll(/\r?\n[ \t]/g, "")
    .split(/\r?\n/)
    .filter((line) => line !== "");
  if (lines[0] !== "BEGIN:VCALENDAR" || lines.at(-1) !== "END:VCALENDAR") throw new Error("it is no iCalendar text");
  const type = lines.find((line) => line.startsWith("X-CALENDAR-TYPE:"))?.split(":")[1];
  if (type !== "DEFAULT_OPEN" && type !== "DEFAULT_CLOSED")
    throw new Error("X-CALENDAR-TYPE is neither DEFAULT_OPEN nor DEFAULT_CLOSED");
  if (lines.some((line) => line.startsWith("RRULE"))) throw new Error("the sandbox knows no events that come again");
  const starts = lines.flatMap((line, at) => (line === "BEGIN:VEVENT" ? [at] : []));
  return { isOpenByDefault: type === "DEFAULT_OPEN", events: starts.map((at) => eventAt(lines, at)) };
}

function eventAt(lines: readonly string[], at: number): CalendarEvent {
  const own = lines.slice(at, lines.indexOf("END:VEVENT", at));
  const [start, end] = ["DTSTART", "DTEND"].map((name) => momentIn(own.find((line) => line.startsWith(name)) ?? name));
  if (start === undefined || end === undefined || end <= start)
    throw new Error("an event needs DTSTART, and DTEND after it, both in UTC here: 20261224T180000Z");
  return { start, end };
}

/** `DTSTART:20261224T180000Z`. The sandbox knows no zone but UTC: its server is in no need of any. */
function momentIn(line: string): number | undefined {
  const iso = /^DT(?:START|END):(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)(\d\d)Z$/;
  const moment = Date.parse(line.replace(iso, "$1-$2-$3T$4:$5:$6Z"));
  return iso.test(line) && !Number.isNaN(moment) ? moment : undefined;
}

/** Whether all of them are open. @param at milliseconds since the epoch */
export function areOpen(calendars: readonly ChangeCalendar[], at: number): boolean {
  return calendars.every(({ isOpenByDefault, events }) =>
    events.some(({ start, end }) => at >= start && at < end) ? !isOpenByDefault : isOpenByDefault,
  );
}

/** When that changes next; undefined where it never does. */
export function nextTransition(calendars: readonly ChangeCalendar[], at: number): number | undefined {
  const now = areOpen(calendars, at);
  return calendars
    .flatMap(({ events }) => events.flatMap(({ start, end }) => [start, end]))
    .filter((moment) => moment > at && areOpen(calendars, moment) !== now)
    .toSorted((one, other) => one - other)[0];
}
