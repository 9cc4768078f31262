import { inputReader } from "../input.ts";
import { type Operation, ServiceError } from "../protocol.ts";
import { groupRule, streamRule } from "./names.ts";
import type { LogEvent, LogStore } from "./streams.ts";

type Input = Readonly<Record<string, unknown>>;

const read = inputReader("InvalidParameterException");

/** Of a batch: UTF-8, and so many bytes more for each event (API reference, PutLogEvents). */
const mostBytes = 1_048_576;
const eventBytes = 26;
const mostEvents = 10_000;
const longestSpanMs = 24 * 3_600_000;
const oldestMs = 14 * 24 * 3_600_000;
const furthestMs = 2 * 3_600_000;

/** CreateLogGroup, CreateLogStream and PutLogEvents (API reference, 2014-03-28). */
export function logWrites(store: LogStore, now: () => number): Readonly<Record<string, Operation>> {
  return {
    CreateLogGroup: async (input) => {
      await store.createGroup(read.string(input, "logGroupName", groupRule));
      return {};
    },
    CreateLogStream: async (input) => {
      await store.createStream(
        read.string(input, "logGroupName", groupRule),
        read.string(input, "logStreamName", streamRule),
      );
      return {};
    },
    PutLogEvents: (input) => putLogEvents(store, input, now()),
  };
}

async function putLogEvents(store: LogStore, input: Input, now: number): Promise<unknown> {
  const group = read.string(input, "logGroupName", groupRule);
  const name = read.string(input, "logStreamName", streamRule);
  const given = read.records(input, "logEvents", { min: 1, max: mostEvents }).map((event) => ({
    timestamp: read.number(event, "timestamp", { min: 0 }),
    message: read.string(event, "message", { min: 1 }),
  }));
  const bytes = given.reduce((sum, { message }) => sum + Buffer.byteLength(message) + eventBytes, 0);
  if (bytes > mostBytes) throw wrong(`Upload too large: ${bytes} bytes exceeds limit of ${mostBytes}`);
  if (given.some(({ timestamp }, n) => timestamp < (given[n - 1]?.timestamp ?? 0)))
    throw wrong("Log events in a single PutLogEvents request must be in chronological order.");
  if ((given.at(-1)?.timestamp ?? 0) - (given[0]?.timestamp ?? 0) > longestSpanMs)
    throw wrong("The batch of log events in a single PutLogEvents request cannot span more than 24 hours.");
  // The others are taken, and the reply tells of these.
  const tooOld = given.filter(({ timestamp }) => timestamp < now - oldestMs).length;
  const tooNew = given.findIndex(({ timestamp }) => timestamp > now + furthestMs);
  const taken = given.slice(tooOld, tooNew < 0 ? undefined : tooNew);
  const events = taken.map((event): LogEvent => ({ ...event, ingestedAt: now }));
  await store.append(group, name, events);
  const rejected = {
    ...(tooOld > 0 && { tooOldLogEventEndIndex: tooOld }),
    ...(tooNew >= 0 && { tooNewLogEventStartIndex: tooNew }),
  };
  return Object.keys(rejected).length === 0 ? {} : { rejectedLogEventsInfo: rejected };
}

function wrong(message: string): ServiceError {
  return new ServiceError("InvalidParameterException", message);
}
