import type { FilterLogEventsCommandOutput } from "@aws-sdk/client-cloudwatch-logs";
import { ThreadsError } from "../errors/threads-error.ts";
import type { LogsCall } from "../aws/logs-calls.ts";

/** What somebody has said, as CloudWatch Logs has it. */
export interface LogEvent {
  readonly stream: string;
  /** Milliseconds since the epoch, by the clock of what has said it. */
  readonly at: number;
  readonly text: string;
}

/** Where reading goes on. */
export interface LogPlace {
  /** Of streams; all of them where empty. */
  readonly prefix: string;
  /** Milliseconds since the epoch. */
  readonly from: number;
  /** Of the next page of a search that is not over. */
  readonly token?: string | undefined;
  /** What was read since then, by its id: when it was said. */
  readonly seen: Readonly<Record<string, number>>;
}

export interface EventsRead {
  readonly events: readonly LogEvent[];
  readonly place: LogPlace;
  /** Fewer were found than were wanted, and what was said before was not looked at. Milliseconds since the epoch. */
  readonly lookedSince?: number | undefined;
}

export interface EventPorts {
  readonly group: string;
  readonly environment: string;
  readonly call: LogsCall;
  /** Milliseconds. */
  readonly now: () => number;
  readonly signal: AbortSignal;
}

/** What comes late may be older than what was read: drivers write every few seconds, and each by its own machine's clock. */
const overlapMs = 30_000;
/** Where nothing was ever said, by a clock that may be wrong. */
const quietMs = 15 * 60_000;
/** A look has an end, also where more is written meanwhile. */
const [mostPages, mostEvents] = [10, 10_000];
/** Since when CloudWatch Logs gives the latest first (API reference, FilterLogEvents). */
const firstBackward = Date.UTC(2024, 0, 1);
const hourMs = 3_600_000;
/** How far back the last lines are looked for, step by step: a page may be empty, and how much time it covers nobody says. */
const stepsMs = [hourMs, 24 * hourMs, 7 * 24 * hourMs, 30 * 24 * hourMs];
export const furthestMs = 30 * 24 * hourMs;
/** Pages at most: some seconds of what CloudWatch Logs answers, and where somebody says how far back, what a reader has patience for. */
const [mostUnasked, mostAsked] = [20, 400];

interface Last {
  readonly prefix: string;
  readonly since: number | undefined;
  readonly count: number;
}

/** The last events, of all streams together; reading goes on behind them. @param since milliseconds since the epoch */
export async function readLast(last: Last, ports: EventPorts): Promise<EventsRead> {
  const { prefix } = last;
  const now = ports.now();
  const { found, startTime, end, lookedSince } = await searchBack(last, ports);
  // Of what was said at the same time, the latest came first as well.
  const events = found.toReversed().toSorted(byTime);
  const seen = Object.fromEntries(events.map(({ id, at }) => [id, at]));
  // What was said before them is not wanted.
  const all = end === "read" ? startTime : end === "given-up" ? lookedSince : undefined;
  const first = all ?? (events[0]?.at ?? -1) + 1;
  const place = onwards({ prefix, from: Math.max(first, events.length === 0 ? now - quietMs : 0), seen }, now);
  return { events, place, ...(end === "given-up" && { lookedSince: lookedSince ?? now }) };
}

interface Searched {
  /** The latest first. */
  readonly found: readonly Found[];
  /** read: all since startTime. enough: as many as were wanted. given-up: all since lookedSince, where that is known. */
  readonly end: "read" | "enough" | "given-up";
  readonly startTime: number;
  readonly lookedSince: number | undefined;
}

async function searchBack({ prefix, since, count }: Last, ports: EventPorts): Promise<Searched> {
  const now = ports.now();
  const begins = (since === undefined ? stepsMs.map((ms) => now - ms) : [since]).map((at) =>
    Math.max(at, firstBackward),
  );
  const startTime = begins.at(-1) ?? now;
  const found: Found[] = [];
  let left = since === undefined ? mostUnasked : mostAsked;
  let lookedSince: number | undefined;
  for (const begin of begins) {
    const endTime = lookedSince === undefined ? undefined : lookedSince - 1;
    let token: string | undefined;
    do {
      if (left === 0) return { found, startTime, lookedSince, end: "given-up" };
      left -= 1;
      const search = { prefix, startTime: begin, endTime, token, limit: count - found.length, startFromHead: false };
      const page = await filter(search, ports);
      found.push(...foundIn(page));
      token = page.nextToken;
      if (found.length >= count) {
        const isRead = token === undefined && begin === startTime;
        return { found, startTime, lookedSince, end: isRead ? "read" : "enough" };
      }
    } while (token !== undefined);
    lookedSince = begin;
  }
  return { found, startTime, lookedSince, end: "read" };
}

/** What comes from there on, as much as a look has room for: its place has a token where there is more. */
export async function readOn(place: LogPlace, ports: EventPorts): Promise<EventsRead> {
  const seen = { ...place.seen };
  const events: Found[] = [];
  let { token } = place;
  for (let n = 0; n < mostPages && events.length < mostEvents; n += 1) {
    const page = await filter({ prefix: place.prefix, startTime: place.from, token }, ports);
    for (const event of foundIn(page)) {
      if (event.id in seen) continue;
      seen[event.id] = event.at;
      events.push(event);
    }
    token = page.nextToken;
    if (token === undefined) break;
  }
  return { events: events.toSorted(byTime), place: onwards({ ...place, token, seen }, ports.now()) };
}

/** The clock of this machine may be wrong, and that of another as well: the newest event counts, but not one of the future. */
function onwards({ prefix, from, token, seen }: LogPlace, now: number): LogPlace {
  const newest = Object.values(seen).reduce((last, at) => Math.max(last, at), 0);
  const horizon = Math.max(from, Math.min(newest, now) - overlapMs);
  const kept = Object.fromEntries(Object.entries(seen).filter(([, at]) => at >= horizon));
  return { prefix, from: token === undefined ? horizon : from, token, seen: kept };
}

interface Found extends LogEvent {
  readonly id: string;
}

function foundIn({ events = [] }: Pick<FilterLogEventsCommandOutput, "events">): Found[] {
  return events.map(({ logStreamName: stream = "", timestamp: at = 0, message: text = "", eventId: id = "" }) => ({
    stream,
    at,
    text,
    id,
  }));
}

function byTime(one: LogEvent, other: LogEvent): number {
  return one.at - other.at;
}

interface Search {
  readonly prefix: string;
  readonly startTime: number;
  readonly endTime?: number | undefined;
  readonly token: string | undefined;
  readonly limit?: number;
  readonly startFromHead?: boolean;
}

/** A page may be empty and the next one not. */
function filter({ prefix, token, limit, ...search }: Search, ports: EventPorts): Promise<FilterLogEventsCommandOutput> {
  const { group, environment, call, signal } = ports;
  return call({
    doing: `reading the log group ${group}`,
    send: (client, { FilterLogEventsCommand }, options) =>
      client.send(
        new FilterLogEventsCommand({
          logGroupName: group,
          ...(prefix !== "" && { logStreamNamePrefix: prefix }),
          ...(limit !== undefined && { limit: Math.min(limit, mostEvents) }),
          nextToken: token,
          ...search,
        }),
        { ...options, abortSignal: signal },
      ),
    answers: {
      ResourceNotFoundException: () => {
        throw new ThreadsError("NO_LOG_GROUP", {
          message: `there is no log group ${group}, so that nothing that ${environment} says is kept`,
          next: [`aws logs create-log-group --log-group-name ${group}`, `threads doctor -e ${environment}`],
          advice: ["without it no task starts; `threads help ecs` tells of a module for Terraform that makes it"],
        });
      },
    },
  });
}
