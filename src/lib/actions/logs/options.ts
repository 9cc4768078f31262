import { ThreadsError } from "../../errors/threads-error.ts";
import { commandText } from "../../process/processes.ts";
import { extendedPattern } from "../../text/extended-pattern.ts";
import { parseLength } from "../../text/length-of-time.ts";
import { utc } from "../../text/words.ts";

/** As it was typed. */
export interface LogsOptions {
  readonly environment: string;
  /** All where it is empty. */
  readonly services: readonly string[];
  /** Ids or names; all where it is empty. */
  readonly hosts: readonly string[];
  readonly follow: boolean;
  readonly since: string | undefined;
  readonly grep: string | undefined;
  readonly tail: number | undefined;
  /** Of whose log on the hosts, instead of what containers say. */
  readonly deployment: number | undefined;
}

/** What is to be read, as hosts are asked for it. */
export interface Wanted {
  /** Where it begins, as docker takes it; undefined where `tail` alone says so. */
  readonly since: string | undefined;
  /** So many lines of its end; undefined for all. */
  readonly tail: number | undefined;
  readonly grep: string | undefined;
}

/** Where nothing is said, the last lines; of a search, the last hour. */
export const standardTail = 100;
const searchedFor = "3600s";

/** @param now milliseconds since the epoch. @throws ThreadsError USAGE */
export function wantedOf(options: LogsOptions, now: number): Wanted {
  const { since, grep, tail } = options;
  const from = since === undefined ? undefined : momentOf(since, now);
  if (grep !== undefined) requirePattern(grep);
  const all = grep !== undefined && from === undefined;
  const standard = grep === undefined && from === undefined ? standardTail : undefined;
  return { since: all ? searchedFor : from, tail: tail ?? standard, grep };
}

/** Whether the last hour is searched for want of another word. */
export function searchesLastHour({ since, grep, deployment }: LogsOptions): boolean {
  return grep !== undefined && since === undefined && deployment === undefined;
}

/** A length of time as seconds, which hosts count from their own now; a moment as it is. */
function momentOf(since: string, now: number): string {
  const length = parseLength(since);
  if (length !== undefined) return `${length / 1_000}s`;
  const isTime = /^\d{4}-\d\d-\d\d(?:[T ]\d\d:\d\d(?::\d\d(?:\.\d{1,9})?)?(?:Z|[+-]\d\d:\d\d)?)?$/.test(since);
  // Nanoseconds are the hosts' own: a line's time can be typed as it was printed.
  if (isTime && /\.\d+Z$/.test(since)) return since;
  const time = isTime ? Date.parse(since.replace(" ", "T")) : Number.NaN;
  if (Number.isNaN(time))
    throw wrong(`--since ${since} is no time`, "write 10m, 2h, 3d, or a time such as 2026-11-22T10:00:00Z");
  if (time > now) throw wrong(`--since ${since} lies in the future`, `it is ${utc(now)} now`);
  return new Date(time).toISOString();
}

/** What `grep -E` would not take as it is meant, as far as that can be seen here; hosts have the last word. */
function requirePattern(pattern: string): void {
  if (pattern === "" || pattern.includes("\n"))
    throw wrong("--grep needs a pattern of one line", "leave it out to see every line");
  if (Buffer.byteLength(pattern) > 1_000) throw wrong("--grep has more than 1,000 bytes", "shorten it");
  const foreign = /\(\?|\\[dDpPuxk]/.exec(pattern)?.[0];
  if (foreign !== undefined)
    throw wrong(`--grep: grep -E knows no ${foreign}`, String.raw`write [0-9] for \d, and ( ) without ?`);
  try {
    void extendedPattern(pattern);
  } catch (error) {
    const why = (error as Error).message.replace(/^Invalid regular expression: .*: /s, "").toLowerCase();
    throw wrong(
      `--grep ${pattern} is no regular expression: ${why}`,
      String.raw`write \[ for a bracket, \( for a parenthesis, \* for a star`,
    );
  }
}

function wrong(message: string, advice: string): ThreadsError {
  return new ThreadsError("USAGE", { message, next: ["threads logs --help"], advice: [advice] });
}

/** The line as it is typed, with something else in some places. */
export function logsLine(options: LogsOptions, change: Partial<LogsOptions> = {}): string {
  const { environment, services, hosts, follow, since, grep, tail, deployment } = { ...options, ...change };
  const flag = (name: string, value: string | number | undefined): string[] =>
    value === undefined ? [] : [name, String(value)];
  const args = [
    ...flag("-e", environment),
    ...hosts.flatMap((host) => flag("--host", host)),
    ...flag("--deployment", deployment),
    ...(follow ? ["--follow"] : []),
    ...flag("--since", since),
    ...flag("--grep", grep),
    ...flag("--tail", tail),
    ...services,
  ];
  return commandText({ file: "threads", args: ["logs", ...args] });
}
