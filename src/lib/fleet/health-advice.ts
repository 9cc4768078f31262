import { healthHint } from "../compose/health-hint.ts";

/** How the host's script begins with what a health check said; the lines after it name their service. */
const heading = "-- its health check said:";

/** What the words of a failed health check, as a host reports them, give away. @param tail the end of the host's log, see script/report.sh */
export function healthAdvice(tail: readonly string[]): string[] {
  const said = tail.slice(tail.findLastIndex((line) => line.endsWith(heading)) + 1);
  const [, service] = /^(\S+) \| /.exec(said[0] ?? "") ?? [];
  if (service === undefined || said.length === tail.length) return [];
  const mark = `${service} | `;
  const own = said.filter((line) => line.startsWith(mark)).map((line) => line.slice(mark.length));
  return [healthHint(service, own) ?? []].flat();
}
