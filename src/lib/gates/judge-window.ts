import { dated, utc } from "../text/words.ts";
import type { GateFacts } from "./gate-facts.ts";
import { blocked, notConfigured, passed, type GateVerdict, waiting } from "./verdict.ts";
import { calendarsText, isOpen, nextOpening, shownText, type WindowConfig, windowText } from "./window.ts";

/** Whether the environment takes releases now, by the server's clock, and by the calendars of Systems Manager. */
export function judgeWindow({ environment, published, now, calendar }: GateFacts): GateVerdict {
  const { window } = environment.gates;
  if (window === undefined) return notConfigured;
  const { zone, calendars } = window;
  const it = `it is ${shownText(zone, now)} in ${zone}`;
  const takes = `${environment.name} takes releases ${windowText(window)}`;
  const hours = hoursOf(window, now);
  if (hours === "never") return blocked(`${it}, ${takes}, and that never comes`, "threads config");
  const again = `threads gates ${published.release.revision} -e ${environment.name}`;
  if (calendars !== undefined && (calendar === undefined || "unknown" in calendar)) {
    // What nobody can tell is not open.
    const why = calendar?.unknown ?? "nobody asked";
    const ask = `aws ssm get-calendar-state --calendar-names ${calendars.join(" ")}`;
    return blocked(`whether ${calendarsText(calendars)} let it through cannot be told: ${why}`, ask, again);
  }
  const shut = calendar === undefined || "unknown" in calendar || calendar.isOpen ? undefined : calendar;
  if (hours === "open" && shut === undefined) return passed(`${it}, and ${takes}`);
  const hour = hours === "open" ? undefined : hours.at;
  const at = latest([hour, shut?.changesAt]);
  const opens = hour === undefined ? "" : `: it opens ${shownText(zone, hour)} there, ${dated(utc(hour))}`;
  const closed = shut === undefined ? "" : `; ${calendarText(calendars ?? [], shut.changesAt)}`;
  return waiting(
    `${it}, and ${takes}${opens}${closed}`,
    at === undefined ? { by: calendarsText(calendars ?? []) } : { by: "time", at },
    again,
  );
}

/** open, when the hours begin next, or that they never do. */
function hoursOf(window: WindowConfig, now: number): "open" | "never" | { readonly at: number } {
  if (isOpen(window, now)) return "open";
  const at = nextOpening(window, now);
  return at === undefined ? "never" : { at };
}

function calendarText(names: readonly string[], until: number | undefined): string {
  const end = until === undefined ? "" : ` until ${dated(utc(until))}`;
  return `${names.length === 1 ? `the calendar ${names.join("")} is closed` : "not all of these calendars are open"}${end}`;
}

function latest(moments: readonly (number | undefined)[]): number | undefined {
  const known = moments.filter((at) => at !== undefined);
  return known.length === 0 ? undefined : Math.max(...known);
}
