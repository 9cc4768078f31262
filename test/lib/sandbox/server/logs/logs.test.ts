import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import {
  CloudWatchLogsClient,
  CreateLogGroupCommand,
  CreateLogStreamCommand,
  DescribeLogGroupsCommand,
  DescribeLogStreamsCommand,
  FilterLogEventsCommand,
  type FilterLogEventsCommandInput,
  GetLogEventsCommand,
  PutLogEventsCommand,
} from "@aws-sdk/client-cloudwatch-logs";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { createLogs } from "../../../../../src/lib/sandbox/server/logs/logs.ts";
import { connectUpstream } from "../../../../../src/lib/sandbox/server/upstream.ts";
import { openSandbox, type OpenSandbox } from "../open-sandbox.ts";

// CloudWatch Logs as its API reference (2014-03-28) has it, through the SDK.

const stateDir = (): string => mkdtempSync(join(tmpdir(), "threads-logs-"));
let [directory, now] = ["", 0];
let sandbox: OpenSandbox;
let client: CloudWatchLogsClient;
beforeEach(async () => {
  directory = stateDir();
  now = Date.parse("2026-11-28T08:00:00Z");
  await open();
});
afterEach(async () => {
  await close();
  rmSync(directory, { recursive: true });
});

async function open(): Promise<void> {
  const upstream = connectUpstream("http://127.0.0.1:1");
  const services = async () => [(await createLogs(directory, () => now)).service];
  sandbox = await openSandbox({ upstream, services, withoutSockets: true });
  client = new CloudWatchLogsClient(sandbox.clientSettings);
}
async function close(): Promise<void> {
  client.destroy();
  await sandbox.stop();
}

const group = "/threads/prod";
const make = async (...streams: readonly string[]): Promise<void> => {
  await client.send(new CreateLogGroupCommand({ logGroupName: group }));
  for (const logStreamName of streams)
    await client.send(new CreateLogStreamCommand({ logGroupName: group, logStreamName }));
};
const put = (logStreamName: string, ...messages: readonly string[]) =>
  client.send(
    new PutLogEventsCommand({
      logGroupName: group,
      logStreamName,
      logEvents: messages.map((message, n) => ({ timestamp: now + n, message })),
    }),
  );
/** Every page. */
async function filtered(
  input: Partial<FilterLogEventsCommandInput> = {},
): Promise<readonly (readonly [stream: string, message: string])[][]> {
  const found: (readonly [string, string])[][] = [];
  let nextToken: string | undefined;
  do {
    const page = await client.send(new FilterLogEventsCommand({ logGroupName: group, ...input, nextToken }));
    found.push((page.events ?? []).map(({ logStreamName = "", message = "" }) => [logStreamName, message] as const));
    nextToken = page.nextToken;
  } while (nextToken !== undefined);
  return found;
}

test("what was written is there after a restart, by streams and in order of time", async () => {
  await make("b/1", "a/1");
  await put("b/1", "first", "third");
  now += 0.5;
  await close();
  await open();
  now = Math.ceil(now);
  await put("a/1", "second");
  expect(await filtered()).toEqual([
    [
      ["b/1", "first"],
      ["a/1", "second"],
      ["b/1", "third"],
    ],
  ]);
  expect(await filtered({ logStreamNamePrefix: "b/" })).toEqual([
    [
      ["b/1", "first"],
      ["b/1", "third"],
    ],
  ]);
  expect(await filtered({ startTime: now + 1 })).toEqual([[["b/1", "third"]].slice(now > 0 ? 1 : 0)]);
});

describe("a reply has room", () => {
  test("for 10,000 events", async () => {
    await make("s");
    for (let n = 0; n < 2; n += 1) await put("s", ...Array.from({ length: 6_000 }, (_, at) => String(n * 6_000 + at)));
    const pages = await filtered();
    expect(pages.map((page) => page.length)).toEqual([10_000, 2_000]);
    expect(new Set(pages.flat().map(([, message]) => message)).size).toBe(12_000);
  });

  test("for a megabyte, and for one event at least", async () => {
    await make("s");
    for (let n = 0; n < 3; n += 1) await put("s", String(n).repeat(500_000));
    expect((await filtered()).map((page) => page.map(([, { length }]) => length))).toEqual([
      [500_000, 500_000],
      [500_000],
    ]);
  });

  test("for what a hundred streams have, which may be nothing", async () => {
    await make(...Array.from({ length: 101 }, (_, n) => String(n).padStart(3, "0")));
    await put("100", "the only one");
    expect(await filtered()).toEqual([[], [["100", "the only one"]]]);
  });
});

describe("FilterLogEvents", () => {
  const messages = (pages: Awaited<ReturnType<typeof filtered>>) => pages.map((page) => page.map(([, text]) => text));

  test("gives the latest first where that is asked, over all streams and page by page", async () => {
    await make("a", "b");
    await put("a", "one", "three");
    now += 1;
    await put("b", "two", "four");
    const latest = { startFromHead: false, startTime: now - 1_000, limit: 3 };
    expect(messages(await filtered(latest))).toEqual([["four", "two", "three"], ["one"]]);
    await expect(filtered({ ...latest, startTime: Date.UTC(2023, 11, 31) })).rejects.toMatchObject({
      name: "InvalidParameterException",
    });
  });

  test("has a page without an event, and more behind it, where nothing was said for long", async () => {
    await make("a");
    await put("a", "one");
    const began = now;
    now += 14 * 3_600_000;
    await put("a", "two");
    const latest = { startFromHead: false, startTime: began - 1_000 };
    expect(messages(await filtered(latest))).toEqual([["two"], [], ["one"]]);
  });

  test("takes what happens at its very end, and GetLogEvents does not", async () => {
    await make("s");
    await put("s", "one", "two");
    expect(messages(await filtered({ endTime: now + 1 }))).toEqual([["one", "two"]]);
    const before = { logGroupName: group, logStreamName: "s", endTime: now + 1 };
    expect((await client.send(new GetLogEventsCommand(before))).events).toHaveLength(1);
  });
});

test("GetLogEvents goes forward and back, and ends with the token that it was given", async () => {
  await make("s");
  await put("s", "one", "two", "three");
  const read = async (nextToken?: string, startFromHead = true) =>
    client.send(
      new GetLogEventsCommand({ logGroupName: group, logStreamName: "s", limit: 2, startFromHead, nextToken }),
    );
  const first = await read();
  expect(first.events?.map(({ message }) => message)).toEqual(["one", "two"]);
  const second = await read(first.nextForwardToken);
  expect(second.events?.map(({ message }) => message)).toEqual(["three"]);
  const end = await read(second.nextForwardToken);
  expect(end).toMatchObject({ events: [], nextForwardToken: second.nextForwardToken });
  expect((await read(undefined, false)).events?.map(({ message }) => message)).toEqual(["two", "three"]);
});

describe("refused is", () => {
  test.each([
    ["a batch of more than a megabyte", ["x".repeat(1_048_576)], "Upload too large"],
    ["an empty event", [""], "satisfy constraint"],
  ])("%s", async (_, messages, says) => {
    await make("s");
    await expect(put("s", ...messages)).rejects.toMatchObject({
      name: "InvalidParameterException",
      message: expect.stringContaining(says),
    });
  });

  test("a batch that is not in order", async () => {
    await make("s");
    const logEvents = [1, 0].map((n) => ({ timestamp: now + n, message: "m" }));
    await expect(
      client.send(new PutLogEventsCommand({ logGroupName: group, logStreamName: "s", logEvents })),
    ).rejects.toMatchObject({ message: expect.stringContaining("chronological order") });
  });

  test("what is not there, and what is there twice", async () => {
    await expect(filtered()).rejects.toMatchObject({ name: "ResourceNotFoundException" });
    await make("s");
    await expect(put("t", "m")).rejects.toMatchObject({ name: "ResourceNotFoundException" });
    await expect(make()).rejects.toMatchObject({ name: "ResourceAlreadyExistsException" });
    await expect(
      client.send(new CreateLogStreamCommand({ logGroupName: group, logStreamName: "s" })),
    ).rejects.toMatchObject({ name: "ResourceAlreadyExistsException" });
    await expect(filtered({ logStreamNames: ["s"], logStreamNamePrefix: "s" })).rejects.toMatchObject({
      name: "InvalidParameterException",
    });
  });
});

test("events that are too old are not taken, and the reply says which", async () => {
  await make("s");
  const logEvents = [now - 15 * 24 * 3_600_000, now - 14 * 24 * 3_600_000 - 1].map((timestamp) => ({
    timestamp,
    message: "old",
  }));
  const { rejectedLogEventsInfo } = await client.send(
    new PutLogEventsCommand({ logGroupName: group, logStreamName: "s", logEvents: logEvents.slice(1) }),
  );
  expect(rejectedLogEventsInfo).toEqual({ tooOldLogEventEndIndex: 1 });
  expect(await filtered()).toEqual([[]]);
});

test("groups and streams are described by their names", async () => {
  await make("b", "a");
  const { logGroups } = await client.send(new DescribeLogGroupsCommand({ logGroupNamePrefix: "/threads" }));
  expect(logGroups).toMatchObject([{ logGroupName: group }]);
  const { logStreams } = await client.send(new DescribeLogStreamsCommand({ logGroupName: group }));
  expect(logStreams?.map(({ logStreamName }) => logStreamName)).toEqual(["a", "b"]);
});
