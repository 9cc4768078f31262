import { createHash } from "node:crypto";
import { inputReader } from "../input.ts";
import { type Call, type Operation, ServiceError } from "../protocol.ts";
import { groupRule, streamRule } from "./names.ts";
import type { LogEvent, LogStore, LogStream } from "./streams.ts";

type Input = Readonly<Record<string, unknown>>;

const read = inputReader("InvalidParameterException");

/** Of one reply, whichever comes first (API reference, GetLogEvents and FilterLogEvents). */
const mostEvents = 10_000;
const mostBytes = 1_048_576;
/** Streams of a group that one call of FilterLogEvents searches: it may find nothing there and go on all the same. */
const searched = 100;
/** So much time one call searches of which the latest comes first; how much it is nobody says. */
const searchedMs = 6 * 3_600_000;
/** Since when the latest can come first (API reference, FilterLogEvents: startFromHead). */
const firstBackward = Date.UTC(2024, 0, 1);

/** FilterLogEvents, GetLogEvents and what describes groups and streams (API reference, 2014-03-28). */
export function logReads(store: LogStore, now: () => number): Readonly<Record<string, Operation>> {
  return {
    DescribeLogGroups: async (input, call) => describeGroups(store, input, call),
    DescribeLogStreams: async (input, call) => describeStreams(store, input, call),
    GetLogEvents: async (input) => getLogEvents(store, input),
    FilterLogEvents: async (input) => filterLogEvents(store, input, now()),
  };
}

interface Found extends LogEvent {
  readonly stream: string;
  /** Place in its stream, from 0 on. */
  readonly place: number;
}

function filterLogEvents(store: LogStore, input: Input, now: number): unknown {
  if (input["filterPattern"] !== undefined && input["filterPattern"] !== "")
    throw new ServiceError("InvalidParameterException", "The sandbox does not have filterPattern.");
  const group = read.string(input, "logGroupName", groupRule);
  const names = read.optionalStrings(input, "logStreamNames", { min: 1, max: 100 });
  const prefix = read.optionalString(input, "logStreamNamePrefix", streamRule);
  if (names !== undefined && prefix !== undefined)
    throw new ServiceError(
      "InvalidParameterException",
      "LogStreamNames and LogStreamNamePrefix are mutually exclusive.",
    );
  const from = read.optionalNumber(input, "startTime", { min: 0 }) ?? 0;
  const to = read.optionalNumber(input, "endTime", { min: 0 }) ?? Infinity;
  const limit = read.optionalNumber(input, "limit", { min: 1, max: mostEvents }) ?? mostEvents;
  const all = store.streams(group);
  const absent = names?.find((name) => all.every((stream) => stream.name !== name));
  if (absent !== undefined)
    throw new ServiceError("ResourceNotFoundException", "The specified log stream does not exist.");
  const chosen = all.filter(({ name }) => names?.includes(name) ?? name.startsWith(prefix ?? ""));
  const token = read.optionalString(input, "nextToken");
  // A token knows its way, whatever is said beside it.
  const isBackward = token === undefined ? !(read.optionalBoolean(input, "startFromHead") ?? true) : isBack(token);
  if (isBackward && from < firstBackward)
    throw new ServiceError(
      "InvalidParameterException",
      "startFromHead can be false only when startTime is on or after Jan 1, 2024 00:00:00 UTC.",
    );
  const search = JSON.stringify([group, names, prefix, from, to]);
  const { at, after } = placeOf(token, search);
  const part = isBackward
    ? backward(chosen, { from, to, now, upper: token === undefined ? undefined : at })
    : forward(chosen, { from, to, at });
  const page = fill(part.events.slice(after), limit);
  const isRead = after + page.length >= part.events.length;
  const next = isRead ? part.next : { at: part.at, after: after + page.length };
  return {
    events: page.map((event) => ({
      logStreamName: event.stream,
      timestamp: event.timestamp,
      message: event.message,
      ingestionTime: event.ingestedAt,
      eventId: idOf(group, event),
    })),
    searchedLogStreams: [],
    ...(next !== undefined && { nextToken: `${isBackward ? back : ""}${tokenOf(next, search)}` }),
  };
}

/** What one call searches, and where the next one goes on. */
interface Part {
  readonly events: readonly Found[];
  readonly at: number;
  readonly next: Place | undefined;
}

interface Span {
  readonly from: number;
  readonly to: number;
}

/** Some of the streams, in all of the time. */
function forward(chosen: readonly LogStream[], { from, to, at }: Span & { readonly at: number }): Part {
  const next = at + searched < chosen.length ? { at: at + searched, after: 0 } : undefined;
  return { events: inOrder(chosen.slice(at, at + searched), { from, to }), at, next };
}

/** All of the streams, in some of the time. @param upper where that ends; undefined at the beginning */
function backward(
  chosen: readonly LogStream[],
  { from, to, now, upper }: Span & { readonly now: number; readonly upper: number | undefined },
): Part {
  const newest = chosen.flatMap(({ events }) => events.at(-1)?.timestamp ?? []).reduce((a, b) => Math.max(a, b), now);
  const at = upper ?? Math.min(to, newest);
  const lower = Math.max(from, at - searchedMs);
  const next = chosen.length > 0 && lower > from ? { at: lower - 1, after: 0 } : undefined;
  return { events: inOrder(chosen, { from: lower, to: at }).toReversed(), at, next };
}

/** What tokens begin with of a search whose latest events come first. */
const back = "b.";
const isBack = (token: string): boolean => token.startsWith(back);

interface Place {
  readonly at: number;
  readonly after: number;
}

/** @param search what a token goes on with, and with nothing else */
function tokenOf({ at, after }: Place, search = ""): string {
  const mark = createHash("sha256").update(search).digest("hex").slice(0, 12);
  return Buffer.from(`${at}:${after}:${mark}`).toString("base64url");
}

function placeOf(token: string | undefined, search = ""): Place {
  if (token === undefined) return { at: 0, after: 0 };
  const digits = isBack(token) ? token.slice(back.length) : token;
  const [, at, after] = /^(\d+):(\d+):/.exec(Buffer.from(digits, "base64url").toString("utf8")) ?? [];
  const place = { at: Number(at), after: Number(after) };
  if (at === undefined || digits !== tokenOf(place, search))
    throw new ServiceError("InvalidParameterException", "The specified nextToken is invalid.");
  return place;
}

/** Of several streams, by their times; what happens at the very end is in it, as FilterLogEvents has it. */
function inOrder(streams: readonly LogStream[], { from, to }: Span): Found[] {
  return streams
    .flatMap(({ name, events }) => events.map((event, place): Found => ({ ...event, stream: name, place })))
    .filter(({ timestamp }) => timestamp >= from && timestamp <= to)
    .toSorted((one, other) => one.timestamp - other.timestamp);
}

/** As many as a reply has room for, one at least. */
function fill<Event extends LogEvent>(events: readonly Event[], limit: number): readonly Event[] {
  let bytes = 0;
  const over = events.findIndex(({ message }, n) => {
    bytes += Buffer.byteLength(message);
    return n >= limit || (n > 0 && bytes > mostBytes);
  });
  return over < 0 ? events : events.slice(0, over);
}

/** 56 digits, the same for the same event. */
function idOf(group: string, { stream, place, timestamp }: Found): string {
  const hash = createHash("sha256").update(`${group}:${stream}:${place}`).digest("hex");
  return `${timestamp}${BigInt(`0x${hash}`)}`.slice(0, 56);
}

function getLogEvents(store: LogStore, input: Input): unknown {
  const group = read.string(input, "logGroupName", groupRule);
  const name = read.string(input, "logStreamName", streamRule);
  const from = read.optionalNumber(input, "startTime", { min: 0 }) ?? 0;
  const to = read.optionalNumber(input, "endTime", { min: 0 }) ?? Infinity;
  const limit = read.optionalNumber(input, "limit", { min: 1, max: mostEvents }) ?? mostEvents;
  const isFromHead = read.optionalBoolean(input, "startFromHead") ?? false;
  const token = read.optionalString(input, "nextToken");
  const stream = store.streams(group).find((one) => one.name === name);
  if (stream === undefined)
    throw new ServiceError("ResourceNotFoundException", "The specified log stream does not exist.");
  const events = stream.events.filter(({ timestamp }) => timestamp >= from && timestamp < to);
  const [, way = isFromHead ? "f" : "b", digits = isFromHead ? "0" : String(events.length)] =
    /^([fb])\/(\d+)$/.exec(token ?? "") ?? [];
  if (token !== undefined && !/^[fb]\/\d+$/.test(token))
    throw new ServiceError("InvalidParameterException", "The specified nextToken is invalid.");
  const at = Number(digits);
  const page = way === "f" ? fill(events.slice(at), limit) : fill(events.slice(0, at).toReversed(), limit).toReversed();
  const begin = way === "f" ? at : at - page.length;
  const digitsOf = (place: number): string => String(place).padStart(56, "0");
  return {
    events: page.map(({ timestamp, message, ingestedAt }) => ({ timestamp, message, ingestionTime: ingestedAt })),
    // At the end it is the one that was given.
    nextForwardToken: `f/${digitsOf(begin + page.length)}`,
    nextBackwardToken: `b/${digitsOf(begin)}`,
  };
}

function describeGroups(store: LogStore, input: Input, { region, identity }: Call): unknown {
  const prefix = read.optionalString(input, "logGroupNamePrefix", groupRule) ?? "";
  const found = store.groups().filter(({ name }) => name.startsWith(prefix));
  return paged(found, input, "logGroups", ({ name, createdAt }) => ({
    logGroupName: name,
    creationTime: createdAt,
    arn: `arn:aws:logs:${region}:${identity.account}:log-group:${name}:*`,
    storedBytes: 0,
    metricFilterCount: 0,
  }));
}

function describeStreams(store: LogStore, input: Input, { region, identity }: Call): unknown {
  const group = read.string(input, "logGroupName", groupRule);
  const prefix = read.optionalString(input, "logStreamNamePrefix", streamRule) ?? "";
  const found = store.streams(group).filter(({ name }) => name.startsWith(prefix));
  return paged(found, input, "logStreams", ({ name, createdAt, events }) => ({
    logStreamName: name,
    creationTime: createdAt,
    arn: `arn:aws:logs:${region}:${identity.account}:log-group:${group}:log-stream:${name}`,
    storedBytes: 0,
    ...(events.length > 0 && {
      firstEventTimestamp: events[0]?.timestamp,
      lastEventTimestamp: events.at(-1)?.timestamp,
    }),
  }));
}

function paged<T>(all: readonly T[], input: Input, key: string, show: (one: T) => unknown): unknown {
  const size = read.optionalNumber(input, "limit", { min: 1, max: 50 }) ?? 50;
  const { at } = placeOf(read.optionalString(input, "nextToken"));
  const next = at + size < all.length ? { nextToken: tokenOf({ at: at + size, after: 0 }) } : {};
  return { [key]: all.slice(at, at + size).map(show), ...next };
}
