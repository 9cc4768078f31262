import { suggest } from "../../config/suggest.ts";
import { ThreadsError } from "../../errors/threads-error.ts";
import { list } from "../../text/words.ts";
import { type AskPorts, nothingHeard } from "./ask.ts";
import { mergeLines } from "./merge.ts";
import { type LogsOptions, logsLine, type Wanted } from "./options.ts";
import type { LogLine } from "../../fleet/log-line.ts";
import { type Place, readOn, type Track } from "./track.ts";

/** What a reader can take: more is told to be there, and where to go on. */
const mostLines = 100_000;
const mostRounds = 40;

interface Reading {
  readonly options: LogsOptions;
  readonly wanted: Wanted;
  readonly place: Place;
  /** Services of threads.yml. */
  readonly known: readonly string[];
  /** Told how many lines there are by now. */
  readonly onLines: (count: number) => void;
}

/**
 * Everything that was said in the time that is wanted, piece by piece, in order of time.
 * @throws ThreadsError UNKNOWN_SERVICE (usage), NOT_RUNNING, HOST_SILENT, HOST_NOT_READY (refused) where there is nobody to read
 */
export async function readWindow(
  tracks: readonly Track[],
  { options, wanted, place, known, onLines }: Reading,
  ports: AskPorts,
): Promise<readonly LogLine[]> {
  const merge = mergeLines();
  // Of a search, the last lines are those that match: how far back they lie nobody knows before.
  const first = wanted.grep === undefined ? wanted : { ...wanted, tail: undefined };
  let due = tracks.filter(({ host }) => host.online);
  let count = 0;
  for (let round = 0; due.length > 0 && round < mostRounds && count < mostLines; round += 1) {
    const from = round === 0 ? first : { since: beginOf(tracks), tail: undefined, grep: wanted.grep };
    const before = new Map(due.map((track) => [track, String(track.cursors)]));
    const heard = await readOn(due, from, place, ports);
    for (const { host } of due) {
      const lines = heard.get(host.id) ?? [];
      merge.add(host.id, lines, "");
      count += lines.length;
    }
    onLines(count);
    if (round === 0) requireSomebody(tracks, { options, known });
    due = due.filter((track) => hasMore(track) && String(track.cursors) !== before.get(track));
  }
  const lines = merge.flush();
  return wanted.tail === undefined ? lines : lines.slice(-wanted.tail);
}

function hasMore({ report, silence }: Track): boolean {
  return silence === undefined && report !== undefined && (report.left > 0 || report.late);
}

/** The moment by which all of those were first read that have answered: what is new begins there. */
export function beginOf(tracks: readonly Track[]): string | undefined {
  return tracks.flatMap(({ report }) => report?.until || []).toSorted()[0];
}

interface Sought {
  readonly options: LogsOptions;
  readonly known: readonly string[];
}

function requireSomebody(tracks: readonly Track[], { options, known }: Sought): void {
  const { environment, services } = options;
  const reports = tracks.flatMap(({ report }) => report ?? []);
  if (reports.length === 0)
    throw nothingHeard(
      environment,
      tracks
        .filter(({ host }) => host.online)
        .map(({ host, silence, isUnready }) => ({ host, says: silence ?? "", isSilent: !isUnready })),
    );
  const there = new Set([...known, ...reports.flatMap((report) => report.services ?? [])]);
  for (const service of services) if (!there.has(service)) throw unknownService(service, [...there], options);
  if (reports.every(({ containers }) => containers.length === 0))
    throw new ThreadsError("NOT_RUNNING", {
      message: `${services.length === 0 ? "the application" : list(services)} has no container on ${list(tracks.map(({ name }) => name))}`,
      next: [`threads status -e ${environment}`],
    });
}

function unknownService(service: string, there: readonly string[], options: LogsOptions): ThreadsError {
  const meant = suggest(service, there);
  const hint = meant === undefined ? "" : `; did you mean ${meant}?`;
  const services = options.services.flatMap((one) => (one === service ? (meant ?? []) : one));
  return new ThreadsError("UNKNOWN_SERVICE", {
    message: `there is no service ${JSON.stringify(service)} in ${options.environment}, only ${list(there)}${hint}`,
    next: [logsLine(options, { services })],
  });
}
