import { logGroupOf } from "../config/ecs-names.ts";
import type { Config } from "../config/config.ts";
import type { EcsEnvironment } from "../ecs/environment-on-ecs.ts";
import { ThreadsError } from "../errors/threads-error.ts";
import type { Answer } from "../fleet/answer.ts";
import type { MemberLogs, ReadFrom, WantedLines } from "../fleet/member-logs.ts";
import type { LogsCall } from "../aws/logs-calls.ts";
import { passes } from "../aws/passes.ts";
import type { Clock } from "../clock/clock.ts";
import type { LogsReport, ReportedContainer, ReportedLine } from "../script/log-report.ts";
import { hiding } from "../secret/hide.ts";
import type { Secret } from "../secret/secret.ts";
import { extendedPattern } from "../text/extended-pattern.ts";
import {
  type EventPorts,
  type EventsRead,
  furthestMs,
  type LogEvent,
  type LogPlace,
  readLast,
  readOn,
} from "./log-events.ts";
import { type LogStreams, logStreams } from "./log-streams.ts";
import type { OlderStreams } from "./older-streams.ts";

export interface TaskLogsPorts {
  readonly config: Pick<Config, "app" | "services" | "runtime">;
  /** What tasks of before write, that were called otherwise. @throws ThreadsError of ECS's calls */
  readonly olderStreams: (signal: AbortSignal) => Promise<readonly OlderStreams[]>;
  /** @param signal ends a call at once */
  readonly callUntil: (signal: AbortSignal) => LogsCall;
  readonly clock: Pick<Clock, "now">;
  /** Values that no line may show. @throws ThreadsError ACCESS_DENIED … */
  readonly secrets: () => Promise<readonly Secret[]>;
}

/** What drivers have not written yet: they do so every few seconds. */
const settleMs = 5_000;

/**
 * What tasks say, in CloudWatch Logs: those that are over, too. Read and followed by FilterLogEvents: StartLiveTail costs by the
 * minute, leaves lines out above 500 a second, ends after three hours and knows nothing of before.
 */
export function taskLogs(environment: EcsEnvironment, ports: TaskLogsPorts): MemberLogs {
  const { config, clock } = ports;
  const { name, ecs } = environment;
  const group = logGroupOf(ecs, config.app, name);
  const streams = logStreams(environment, config);
  const hide = hider(ports.secrets);
  const olderNow = olderReader(ports);
  const report = async (from: ReadFrom, wanted: WantedLines, signal: AbortSignal): Promise<LogsReport> => {
    const call = ports.callUntil(signal);
    const around = { group, environment: name, call, now: () => clock.now(), signal };
    const older = await olderNow(signal);
    const places = placesOf(from, wanted, { streams, older });
    const read = await Promise.all(places.map((place) => readPart(place, wanted, around)));
    const all = read.map((part) => ({ ...part, events: part.events.filter(isWanted(part.place, streams)) }));
    const hidden = await hide(all.flatMap(({ events }) => events.map(({ stream }) => stream)));
    return reportOf(all, { wanted, streams, hidden, now: clock.now() });
  };
  return {
    read: async (asked, wanted, signal) => {
      const answers = asked.map(async (from): Promise<[string, Answer<LogsReport>]> => {
        try {
          return [from.member.id, { report: await report(from, wanted, signal) }];
        } catch (error) {
          // Who reads along goes on once AWS is well again.
          if (from.cursors.length === 0 || !passes(error)) throw error;
          return [from.member.id, { silence: error.message }];
        }
      });
      return new Map(await Promise.all(answers));
    },
    readDeployment: (_, { number }) => {
      throw new ThreadsError("NOT_ON_ECS", {
        message: `${name} runs on ECS, where no host writes a log of deployment ${number}: what its tasks said is in the log of each service`,
        next: [`threads history -e ${name} ${number}`, `threads logs -e ${name} --since 1h`],
      });
    },
    whenEmpty: `${group} has what programs write to stdout and stderr, and no file that they write; --since looks back further than ${furthestMs / 86_400_000} days`,
    kept: undefined,
  };
}

/**
 * Values are read with the first line, and with each task that is new: those with which one starts are of that moment. What was
 * one once stays hidden, since a task goes on with it.
 */
function hider(secrets: TaskLogsPorts["secrets"]): (streams: readonly string[]) => Promise<(line: string) => string> {
  const known = new Set<string>();
  const values = new Map<string, Secret>();
  let hide = (line: string): string => line;
  return async (streams) => {
    if (streams.every((stream) => known.has(stream))) return hide;
    for (const secret of await secrets()) values.set(secret.reveal(), secret);
    for (const stream of streams) known.add(stream);
    hide = hiding([...values.values()]);
    return hide;
  };
}

/** So often it is looked for tasks that write where those of before did: a rollback brings some. Milliseconds. */
const olderEveryMs = 30_000;

/** What was found last holds while ECS is not well. */
function olderReader({
  olderStreams,
  clock,
}: TaskLogsPorts): (signal: AbortSignal) => Promise<readonly OlderStreams[]> {
  let last: { readonly at: number; readonly found: readonly OlderStreams[] } | undefined;
  return async (signal) => {
    if (last !== undefined && clock.now() - last.at < olderEveryMs) return last.found;
    try {
      last = { at: clock.now(), found: await olderStreams(signal) };
    } catch (error) {
      if (last === undefined || !passes(error)) throw error;
    }
    return last.found;
  };
}

/** One search of all streams, or one for each service; and one for each of those that are called otherwise. */
function placesOf(
  { cursors }: ReadFrom,
  { services }: WantedLines,
  { streams, older }: { readonly streams: LogStreams; readonly older: readonly OlderStreams[] },
): readonly Begin[] {
  const known = new Map(cursors.map((cursor) => JSON.parse(cursor) as LogPlace).map((place) => [place.prefix, place]));
  const isAll = services.length === 0;
  const own = isAll ? [streams.begin] : [...new Set(services)].map((service) => streams.prefixOf(service));
  const others = older.flatMap(({ prefix, service }) => (isAll || services.includes(service) ? prefix : []));
  return [...own, ...others].map((prefix) => ({ prefix, place: known.get(prefix) }));
}

/** Application, environment, task, container and id, where a name begins as ours do. */
const segments = 5;

/** A prefix may be that of another's streams, whose task is called like our application. */
function isWanted({ prefix }: LogPlace, { begin }: LogStreams): (event: LogEvent) => boolean {
  const isOwn = (stream: string): boolean => stream.startsWith(begin) && stream.split("/").length === segments;
  const wantsOwn = prefix.startsWith(begin);
  return ({ stream }) => isOwn(stream) === wantsOwn;
}

interface Begin {
  readonly prefix: string;
  /** Undefined where nothing was read of it yet. */
  readonly place: LogPlace | undefined;
}

function readPart({ prefix, place }: Begin, { since, tail }: WantedLines, ports: EventPorts): Promise<EventsRead> {
  if (place !== undefined) return readOn(place, ports);
  const from = since === undefined ? undefined : momentOf(since, ports.now());
  if (tail !== undefined) return readLast({ prefix, since: from, count: tail }, ports);
  return readOn({ prefix, from: from ?? 0, seen: {} }, ports);
}

/** Seconds ago, or a moment. */
function momentOf(since: string, now: number): number {
  const seconds = /^([\d.]+)s$/.exec(since)?.[1];
  return Math.floor(seconds === undefined ? Date.parse(since) : now - Number(seconds) * 1_000);
}

interface Around {
  readonly wanted: WantedLines;
  readonly streams: LogStreams;
  readonly hidden: (line: string) => string;
  readonly now: number;
}

function reportOf(parts: readonly EventsRead[], { wanted, streams, hidden, now }: Around): LogsReport {
  const events = parts.flatMap((part) => part.events).toSorted((one, other) => one.at - other.at);
  const pattern = wanted.grep === undefined ? undefined : extendedPattern(wanted.grep);
  const named = [...new Set(events.map(({ stream }) => stream))];
  const places = parts.map(({ place }) => ({ id: "", service: "", name: "", cursor: JSON.stringify(place) }));
  const containers = [
    ...places,
    ...named.map((name) => ({ id: name, service: streams.serviceOf(name), name, cursor: "" })),
  ].map((one): ReportedContainer => ({ ...one, state: "read" }));
  const lines = events.flatMap(({ stream, at, text }): ReportedLine[] =>
    text
      .replace(/\n$/, "")
      .split("\n")
      .map(hidden)
      // As hosts do: what is hidden cannot be searched for either.
      .filter((line) => pattern?.test(line) !== false)
      .map((line) => ({
        container: places.length + named.indexOf(stream),
        place: new Date(at).toISOString(),
        text: line,
      })),
  );
  const gaveUp = parts.flatMap(({ lookedSince }) => lookedSince ?? []);
  const isMore = parts.some(({ place }) => place.token !== undefined);
  return {
    end: "read",
    message: "",
    lines,
    until: new Date(now).toISOString(),
    upTo: isMore ? "" : new Date(now - settleMs).toISOString(),
    services: streams.services,
    // How many, nobody tells.
    left: isMore ? 1 : 0,
    late: isMore,
    ...(gaveUp.length > 0 && { lookedSince: new Date(Math.max(...gaveUp)).toISOString() }),
    containers,
  };
}
