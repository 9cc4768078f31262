import { ago } from "../text/words.ts";

const day = 24 * 3_600_000;

/**
 * A moment as people say it: `just now`, `5 min ago`, `20:24 today`, `09:05 yesterday`, `3 Nov 20:24`, and with the year
 * where it is another one. By this machine's time zone. @param at ISO 8601. @param now milliseconds since the epoch
 */
export function moment(at: string, now: number): string {
  const time = Date.parse(at);
  if (Number.isNaN(time)) return at;
  if (now - time < 3_600_000) return ago(Math.max(0, now - time));
  const [then, today] = [new Date(time), new Date(now)];
  const clock = `${two(then.getHours())}:${two(then.getMinutes())}`;
  const days = Math.round((midnight(today) - midnight(then)) / day);
  if (days === 0) return `${clock} today`;
  if (days === 1) return `${clock} yesterday`;
  const date = `${then.getDate()} ${months[then.getMonth()] ?? ""}`;
  const year = then.getFullYear() === today.getFullYear() ? "" : ` ${then.getFullYear()}`;
  return `${date}${year} ${clock}`;
}

const months = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];

function midnight(date: Date): number {
  return new Date(date.getFullYear(), date.getMonth(), date.getDate()).getTime();
}

function two(number: number): string {
  return String(number).padStart(2, "0");
}
