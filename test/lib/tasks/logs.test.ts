import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { CloudWatchLogsClient } from "@aws-sdk/client-cloudwatch-logs";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import type { LogsOptions } from "../../../src/lib/actions/logs/options.ts";
import { plainLogs } from "../../fakes/logs-options.ts";
import type { LogsResult } from "../../../src/lib/actions/logs/result.ts";
import { logs } from "../../../src/lib/actions/logs/run.ts";
import { logsCalls } from "../../../src/lib/aws/logs-calls.ts";
import { openContact } from "../../../src/lib/aws/contact.ts";
import type { Clock } from "../../../src/lib/clock/clock.ts";
import type { EcsEnvironment } from "../../../src/lib/ecs/environment-on-ecs.ts";
import { ThreadsError } from "../../../src/lib/errors/threads-error.ts";
import type { LogLine } from "../../../src/lib/fleet/log-line.ts";
import type { Sight } from "../../../src/lib/fleet/target.ts";
import { silentProgress } from "../../../src/lib/progress/progress.ts";
import { createLogs } from "../../../src/lib/sandbox/server/logs/logs.ts";
import type { LogStore } from "../../../src/lib/sandbox/server/logs/streams.ts";
import { connectUpstream } from "../../../src/lib/sandbox/server/upstream.ts";
import { Secret } from "../../../src/lib/secret/secret.ts";
import { taskLogs } from "../../../src/lib/tasks/logs.ts";
import type { OlderStreams } from "../../../src/lib/tasks/older-streams.ts";
import { aConfig } from "../../fakes/config.ts";
import { asPrinted } from "../../fakes/results.ts";
import { onEcs } from "../ecs/world.ts";
import { openSandbox, type OpenSandbox } from "../sandbox/server/open-sandbox.ts";

// `threads logs` of an environment on ECS, over the sandbox's CloudWatch Logs in this process.

const group = "/shop/prod";
const minute = 60_000;
const config = aConfig({
  app: "shop",
  services: ["web", "nginx", "celery"],
  runtime: { compose: "compose.yml", migrate: "migrate" },
  environments: { prod: onEcs({ services: { web: { containers: ["web", "nginx"] } } }) },
});
const environment = config.environments["prod"] as EcsEnvironment;
const member = { id: "ecs:shop/shop-prod", name: "ecs:shop/shop-prod", online: true };
const target: Sight = {
  minimum: 1,
  belongs: "cluster shop",
  members: () => members(),
  former: async () => [member],
  look: () => Promise.reject(new Error("nobody looks")),
};
const taskId = (letter: string): string => letter.repeat(32);
const [webTask, workerTask] = [taskId("a"), taskId("b")];

let [directory, now] = ["", 0];
let sandbox: OpenSandbox;
let client: CloudWatchLogsClient;
let store: LogStore;
let place: EcsEnvironment;
let members: Sight["members"];
let secrets: () => Promise<readonly Secret[]>;
/** Streams of tasks that are called as they were once. */
let older: () => readonly OlderStreams[];
/** What happens as somebody waits, in turn; then the reader is told to end. */
let meanwhile: (() => Promise<void>)[];
let stopping: AbortController;

beforeEach(async () => {
  directory = mkdtempSync(join(tmpdir(), "threads-task-logs-"));
  now = Date.parse("2026-11-28T08:00:00Z");
  const opened = await createLogs(directory, () => now);
  store = opened.store;
  const upstream = connectUpstream("http://127.0.0.1:1");
  sandbox = await openSandbox({ upstream, services: async () => [opened.service], withoutSockets: true });
  client = new CloudWatchLogsClient(sandbox.clientSettings);
  place = environment;
  secrets = async () => [];
  older = () => [];
  members = async () => [member];
  meanwhile = [];
  stopping = new AbortController();
  await store.createGroup(group);
});
afterEach(async () => {
  client.destroy();
  await sandbox.stop();
  rmSync(directory, { recursive: true });
});

const clock: Clock = {
  now: () => now,
  sleep: async (ms, signal) => {
    signal?.throwIfAborted();
    now += ms;
    const next = meanwhile.shift();
    if (next === undefined) stopping.abort(new Error("Ctrl-C"));
    else await next();
    signal?.throwIfAborted();
  },
};
/** @param ago milliseconds before now */
async function say(stream: string, ...lines: readonly (readonly [ago: number, text: string])[]): Promise<void> {
  await store.createStream(group, stream).catch(() => undefined);
  await store.append(
    group,
    stream,
    lines.map(([ago, message]) => ({ timestamp: now - ago, ingestedAt: now, message })),
  );
}
const said: LogLine[] = [];
const warned: string[] = [];
async function read(change: Partial<LogsOptions> = {}): Promise<LogsResult> {
  said.length = 0;
  warned.length = 0;
  const options = { ...plainLogs, ...change };
  const aws = { contact: openContact(), profile: undefined, logs: async () => client };
  const memberLogs = taskLogs(place, {
    config,
    clock,
    secrets,
    olderStreams: async () => older(),
    callUntil: (signal) => logsCalls({ aws, clock, signal }),
  });
  const show = options.follow ? { show: (lines: readonly LogLine[]) => void said.push(...lines) } : { show: undefined };
  const ports = {
    config,
    clock,
    progress: { ...silentProgress, warn: (text: string) => void warned.push(text) },
    targetOf: async () => target,
    logsOf: async () => memberLogs,
  };
  const result = await logs(options, { ...ports, ...show, signal: stopping.signal, closed: undefined });
  return asPrinted("logs", result);
}
const texts = (lines: readonly LogLine[] | null): string[] => (lines ?? []).map(({ text }) => text);
const calls = async (): Promise<number> =>
  (await sandbox.log()).entries.filter(({ operation }) => operation === "FilterLogEvents").length;

describe("what tasks say", () => {
  test("comes in order of time over all services, from tasks that are over as well", async () => {
    await say(`shop/prod/web/web/${webTask}`, [5_000, "one"], [2_000, "four"]);
    await say(`shop/prod/web/nginx/${webTask}`, [4_000, "two"]);
    await say(`shop/prod/celery/celery/${workerTask}`, [3_000, "three"]);
    const result = await read();
    expect(result).toMatchObject({ outcome: "read", hosts: [{ id: member.id, verdict: "read", left: 0, says: "" }] });
    expect(texts(result.lines)).toEqual(["one", "two", "three", "four"]);
    expect(result.lines?.[1]).toEqual({
      loggedAt: new Date(now - 4_000).toISOString(),
      host: member.name,
      service: "nginx",
      container: `shop/prod/web/nginx/${webTask}`,
      text: "two",
    });
  });

  test("of one service or more, wherever its task is; a wrong one is told", async () => {
    await say(`shop/prod/web/web/${webTask}`, [5_000, "one"]);
    await say(`shop/prod/web/nginx/${webTask}`, [4_000, "two"]);
    await say(`shop/prod/celery/celery/${workerTask}`, [3_000, "three"]);
    expect(texts((await read({ services: ["nginx"] })).lines)).toEqual(["two"]);
    expect(texts((await read({ services: ["celery", "web"] })).lines)).toEqual(["one", "three"]);
    await expect(read({ services: ["celry"] })).rejects.toMatchObject({
      code: "UNKNOWN_SERVICE",
      next: ["threads logs -e prod celery"],
    });
  });

  test("are the last so many, and no more is read for them", async () => {
    await say(
      `shop/prod/web/web/${webTask}`,
      ...Array.from({ length: 300 }, (_, n) => [300_000 - n, String(n)] as const),
    );
    expect(texts((await read()).lines)).toEqual(Array.from({ length: 100 }, (_, n) => String(n + 200)));
    expect(texts((await read({ tail: 2 })).lines)).toEqual(["298", "299"]);
    expect(await calls()).toBe(2);
    // No search begins at its end that begins before 2024.
    expect(texts((await read({ since: "2020-01-01", tail: 1 })).lines)).toEqual(["299"]);
  });

  test("in the order in which it was said, where it was said at the same time", async () => {
    await say(
      `shop/prod/web/web/${webTask}`,
      ...["Traceback", "line 1", "Error"].map((text) => [1_000, text] as const),
    );
    expect(texts((await read()).lines)).toEqual(["Traceback", "line 1", "Error"]);
    expect(texts((await read({ tail: 2 })).lines)).toEqual(["line 1", "Error"]);
    expect(texts((await read({ since: "1m" })).lines)).toEqual(["Traceback", "line 1", "Error"]);
  });

  test("since a time, page by page: none is lost, none comes twice", async () => {
    // A page has a megabyte, so that each of these is one.
    const filler = "x".repeat(600_000);
    await say(
      `shop/prod/web/web/${webTask}`,
      ...Array.from({ length: 12 }, (_, n) => [1_000 - n, `${n} ${filler}`] as const),
    );
    await say(`shop/prod/web/web/${webTask}`, [2 * minute, "before"]);
    const { lines, ...result } = await read({ since: "1m" });
    expect(texts(lines).map((line) => Number(line.split(" ")[0]))).toEqual(Array.from({ length: 12 }, (_, n) => n));
    expect(result).toMatchObject({ outcome: "read", hosts: [{ left: 0 }] });
    expect(await calls()).toBe(12);
  });

  test("is searched as grep -E does, in the last hour where nothing else is said", async () => {
    await say(
      `shop/prod/web/web/${webTask}`,
      [2 * 60 * minute, "ERROR 1"],
      [3_000, "ERROR 12"],
      [2_000, "fine"],
      [1_000, "Error 3"],
    );
    expect(texts((await read({ grep: "^ERROR [[:digit:]]+$" })).lines)).toEqual(["ERROR 12"]);
  });

  test("which is nothing is told", async () => {
    expect((await read()).advice).toEqual([expect.stringMatching(/^nothing was said there: \/shop\/prod has/)]);
  });
});

describe("of others in the same log group", () => {
  test("nothing is shown, whatever their streams are called", async () => {
    await say(`shop/prod/web/web/${webTask}`, [3_000, "own"]);
    await say(`shop/prod2/web/web/${webTask}`, [2_000, "s3cr3t of prod2"]);
    await say(`shop/staging/web/web/${webTask}`, [2_000, "s3cr3t of staging"]);
    await say(`web/web/${workerTask}`, [2_000, "s3cr3t of nobody knows whom"]);
    // Their task is called as our application, its container as our environment.
    await say(`shop/prod/${workerTask}`, [1_000, "s3cr3t of a namesake"]);
    expect(texts((await read()).lines)).toEqual(["own"]);
    expect(texts((await read({ services: ["web"] })).lines)).toEqual(["own"]);
    expect(texts((await read({ since: "1h" })).lines)).toEqual(["own"]);
  });

  test("what a task of before says is shown, which its definition names", async () => {
    older = () => [{ prefix: `web/web/${webTask}`, service: "web" }];
    await say(`web/web/${webTask}`, [3_000, "one"]);
    await say(`web/web/${workerTask}`, [2_500, "s3cr3t of another"]);
    await say(`shop/prod/celery/celery/${workerTask}`, [2_000, "two"]);
    expect(texts((await read()).lines)).toEqual(["one", "two"]);
    expect(texts((await read({ services: ["web"] })).lines)).toEqual(["one"]);
    expect(texts((await read({ services: ["celery"] })).lines)).toEqual(["two"]);
  });

  test("and what one says that a rollback brings back, while somebody reads along; also while ECS is not well", async () => {
    const unwell = new ThreadsError("AWS_FAILURE", { message: "AWS answered 500" });
    await say(`shop/prod/web/web/${webTask}`, [1_000, "new"]);
    meanwhile = [
      async () => {
        now += minute;
        older = () => [{ prefix: "web/web/", service: "web" }];
        await say(`web/web/${workerTask}`, [0, "old"]);
      },
      async () => {
        now += minute;
        older = () => {
          throw unwell;
        };
        await say(`web/web/${workerTask}`, [0, "older"]);
      },
      async () => {},
    ];
    await read({ follow: true });
    expect(texts(said)).toEqual(["new", "old", "older"]);
    expect(warned).toEqual([]);
  });
});

describe("is hidden", () => {
  test("each value of a setting, and what is hidden is not found either", async () => {
    secrets = async () => [new Secret("postgres://shop:s3cr3t-pw@db/shop")];
    await say(`shop/prod/web/web/${webTask}`, [2_000, "password s3cr3t-pw failed"], [1_000, "well"]);
    expect(texts((await read()).lines)).toEqual(["password [redacted] failed", "well"]);
    expect(texts((await read({ grep: "s3cr3t" })).lines)).toEqual([]);
  });

  test("everything, where the values cannot be read", async () => {
    secrets = () => Promise.reject(new Error("denied"));
    await say(`shop/prod/web/web/${webTask}`, [2_000, "s3cr3t"]);
    await expect(read()).rejects.toThrow("denied");
  });

  test("what a task is given that starts while somebody reads along; what was one before stays so", async () => {
    let value = "first-value";
    secrets = async () => [new Secret(value)];
    await say(`shop/prod/web/web/${webTask}`, [1_000, "old first-value"]);
    meanwhile = [
      async () => {
        value = "second-value";
        await say(`shop/prod/web/web/${workerTask}`, [0, "new second-value, old first-value"]);
      },
      async () => {},
    ];
    await read({ follow: true });
    expect(texts(said)).toEqual(["old [redacted]", "new [redacted], old [redacted]"]);
  });

  test("that also where a task of before says something in the same moment", async () => {
    let value = "first-value";
    secrets = async () => [new Secret(value)];
    await say(`shop/prod/web/web/${webTask}`, [1_000, "begins"]);
    meanwhile = [
      async () => {
        value = "second-value";
        await say(`shop/prod/web/web/${webTask}`, [1, "goes on"]);
        await say(`shop/prod/web/web/${workerTask}`, [0, "new second-value"]);
      },
      async () => {},
    ];
    await read({ follow: true });
    expect(texts(said)).toEqual(["begins", "goes on", "new [redacted]"]);
  });

  test("everything from then on, where whoever reads along may not have the values any more", async () => {
    const denied = new ThreadsError("ACCESS_DENIED", { message: "denied" });
    let mayRead = true;
    secrets = async () => {
      if (mayRead) return [];
      throw denied;
    };
    await say(`shop/prod/web/web/${webTask}`, [1_000, "begins"]);
    meanwhile = [
      async () => {
        mayRead = false;
        await say(`shop/prod/web/web/${workerTask}`, [0, "s3cr3t"]);
      },
      async () => {},
    ];
    await expect(read({ follow: true })).rejects.toBe(denied);
    expect(texts(said)).toEqual(["begins"]);
  });
});

describe("whoever reads along", () => {
  test("gets each line once, also one that comes late, until Ctrl-C", async () => {
    await say(`shop/prod/web/web/${webTask}`, [1_000, "one"]);
    meanwhile = [
      () => say(`shop/prod/web/nginx/${webTask}`, [0, "three"]),
      async () => {},
      // By the machine's clock before what was shown already.
      () => say(`shop/prod/celery/celery/${workerTask}`, [10_000, "two, late"]),
      async () => {},
      async () => {},
    ];
    expect((await read({ follow: true })).outcome).toBe("followed");
    expect(texts(said)).toEqual(["one", "three", "two, late"]);
  });

  test("gets no lines that --tail has left out", async () => {
    await say(`shop/prod/web/web/${webTask}`, ...Array.from({ length: 50 }, (_, n) => [1_000 - n, String(n)] as const));
    meanwhile = [() => say(`shop/prod/web/web/${webTask}`, [0, "new"]), async () => {}];
    await read({ follow: true, tail: 2 });
    expect(texts(said)).toEqual(["48", "49", "new"]);
  });

  test("nor those that were said in the same moment", async () => {
    await say(`shop/prod/web/web/${webTask}`, [1_000, "one"], [1_000, "two"]);
    meanwhile = [() => say(`shop/prod/web/web/${webTask}`, [0, "new"]), async () => {}];
    await read({ follow: true, tail: 1 });
    expect(texts(said)).toEqual(["two", "new"]);
  });

  test("where nothing was ever said, also the first word of a clock that is late", async () => {
    meanwhile = [() => say(`shop/prod/web/web/${webTask}`, [10 * minute, "first"]), async () => {}];
    await read({ follow: true });
    expect(texts(said)).toEqual(["first"]);
  });

  test("what others say after one whose clock is ahead", async () => {
    await say(`shop/prod/web/web/${webTask}`, [-10 * minute, "ahead"]);
    meanwhile = [() => say(`shop/prod/celery/celery/${workerTask}`, [0, "now"]), async () => {}];
    await read({ follow: true });
    expect(texts(said)).toEqual(["ahead", "now"]);
  });

  test("by a clock that is wrong, too", async () => {
    await say(`shop/prod/web/web/${webTask}`, [1_000, "one"]);
    const wrong = 10 * minute;
    now += wrong;
    meanwhile = [
      async () => {
        now -= wrong;
        await say(`shop/prod/web/web/${webTask}`, [0, "two"]);
        now += wrong;
      },
      async () => {},
    ];
    await read({ follow: true });
    expect(texts(said)).toEqual(["one", "two"]);
  });
});

test.each<readonly [string, Sight["members"]]>([
  ["does not answer", async () => [{ ...member, online: false }]],
  ["fails", () => Promise.reject(new ThreadsError("AWS_FAILURE", { message: "AWS answered 500" }))],
])("whoever reads along goes on where ECS %s for a moment: what tasks say lies elsewhere", async (_, unwell) => {
  await say(`shop/prod/web/web/${webTask}`, [1_000, "one"]);
  meanwhile = [
    async () => {
      now += minute;
      members = unwell;
      await say(`shop/prod/web/web/${webTask}`, [0, "two"]);
    },
    async () => {
      now += minute;
      await say(`shop/prod/web/web/${webTask}`, [0, "three"]);
    },
    async () => {
      now += minute;
      members = async () => [member];
      await say(`shop/prod/web/web/${webTask}`, [0, "four"]);
    },
    async () => {},
  ];
  expect((await read({ follow: true })).outcome).toBe("followed");
  expect(texts(said)).toEqual(["one", "two", "three", "four"]);
  expect(warned).toEqual([expect.stringMatching(/^nobody says whether what is followed is there still: /)]);
});

test("and does not where it is told that it may not", async () => {
  const denied = new ThreadsError("ACCESS_DENIED", { message: "denied" });
  meanwhile = [
    async () => {
      now += minute;
      members = () => Promise.reject(denied);
    },
    async () => {},
  ];
  await expect(read({ follow: true })).rejects.toBe(denied);
});

describe("refused is", () => {
  test("a log group that is not there, with what makes it", async () => {
    place = { ...environment, ecs: { ...environment.ecs, logGroup: "/elsewhere" } };
    await expect(read()).rejects.toMatchObject({
      code: "NO_LOG_GROUP",
      next: ["aws logs create-log-group --log-group-name /elsewhere", "threads doctor -e prod"],
    });
  });

  test("the log of a deployment, which no host writes there", async () => {
    await expect(read({ deployment: 3 })).rejects.toMatchObject({ code: "NOT_ON_ECS" });
  });
});

test("trouble that does not pass is told, and the reader goes on once it is over", async () => {
  await say(`shop/prod/web/web/${webTask}`, [1_000, "one"]);
  await sandbox.settings({ faults: [{ operation: "FilterLogEvents", kind: "error-500", times: 1_000, skip: 1 }] });
  const mend = async (): Promise<void> => {
    if (warned.length > 0) await sandbox.settings({ faults: [] });
  };
  meanwhile = [() => say(`shop/prod/web/web/${webTask}`, [0, "two"]), ...Array.from({ length: 150 }, () => mend)];
  await read({ follow: true });
  expect(texts(said)).toEqual(["one", "two"]);
  expect(warned).toEqual([expect.stringMatching(/^ecs:shop\/shop-prod is not heard: AWS answered/)]);
});

test.each(["throttle", "error-500", "drop-reply"])(
  "what passes (%s) is waited out, and costs no line",
  async (kind) => {
    await sandbox.settings({ faults: [{ operation: "FilterLogEvents", kind, times: 2, skip: 1 }] });
    await say(`shop/prod/web/web/${webTask}`, [1_000, "one"]);
    meanwhile = [
      () => say(`shop/prod/web/web/${webTask}`, [0, "two"]),
      ...Array.from({ length: 4 }, () => async () => {}),
    ];
    await read({ follow: true });
    expect(texts(said)).toEqual(["one", "two"]);
    expect(await sandbox.met()).toEqual([1, 2].map(() => `FilterLogEvents ${kind}`));
  },
);
