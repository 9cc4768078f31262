import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { deploy } from "../../../../src/lib/actions/deploy/run.ts";
import type { LogsOptions } from "../../../../src/lib/actions/logs/options.ts";
import { plainLogs } from "../../../fakes/logs-options.ts";
import { ThreadsError } from "../../../../src/lib/errors/threads-error.ts";
import type { LogLine } from "../../../../src/lib/fleet/log-line.ts";
import type { KeptLogs, MemberLogsOf } from "../../../../src/lib/fleet/member-logs.ts";
import type { LogsResult } from "../../../../src/lib/actions/logs/result.ts";
import { logs } from "../../../../src/lib/actions/logs/run.ts";
import { openMemberLogs } from "../../../../src/lib/wire/member-logs.ts";
import { Fleet, sha } from "../../../fakes/fleet.ts";
import { asPrinted } from "../../../fakes/results.ts";

let fleet: Fleet;
beforeEach(async () => {
  fleet = await Fleet.open(2);
  fleet.publish("one");
  const options = { environment: "prod", release: sha("one"), dryRun: false, force: false, supersede: undefined };
  await deploy(options, fleet.freshPorts());
  for (const host of fleet.hosts) host.seen.length = 0;
});
afterEach(() => fleet.close());

const read = async (change: Partial<LogsOptions> = {}): Promise<LogsResult> =>
  asPrinted(
    "logs",
    await logs({ ...plainLogs, ...change }, { ...fleet.ports(), logsOf: logsOf(), show: undefined, closed: undefined }),
  );
const logGroup = () => Promise.reject(new Error("no log group is named"));
const logsOf = () => openMemberLogs({ ...fleet.ports(), logGroup });
const first = (): Fleet["hosts"][number] => fleet.hosts[0]!;
const last = (): Fleet["hosts"][number] => fleet.hosts[1]!;
const at = (second: number): string => `2026-11-22T10:00:${String(second).padStart(2, "0")}.000000001Z`;
const says = (
  host: Fleet["hosts"][number],
  service: string,
  ...lines: readonly (readonly [number, string])[]
): void => {
  const before = host.logs.said.get(service) ?? [];
  host.logs.said.set(service, [...before, ...lines.map(([second, text]) => [at(second), text] as const)]);
};
const texts = (lines: readonly LogLine[] | null): string[] => (lines ?? []).map(({ text }) => text);
const scripts = (): string[] =>
  fleet.ssm.commands.sent.map(({ script }) => script).filter((one) => one.includes("ACTION='log"));

describe("what the containers say", () => {
  test("is said to be nothing where there is not a line", async () => {
    expect((await read({ services: ["web"] })).advice).toEqual([
      expect.stringMatching(/^nothing was said there: docker keeps/),
    ]);
    says(first(), "web", [1, "one"]);
    expect((await read()).advice).toEqual([]);
    expect((await read({ grep: "two", since: "3d" })).advice).toEqual([
      "--grep and --since leave no line of what was said",
    ]);
  });

  test("comes in order of time over all hosts, with one command for all of them", async () => {
    says(first(), "web", [1, "one"], [4, "four"]);
    says(last(), "nginx", [2, "two"], [3, "three"]);
    const result = await read();
    expect(result).toMatchObject({
      outcome: "read",
      environment: "prod",
      services: null,
      deployment: null,
      hosts: [first(), last()].map(({ id }) => ({ id, verdict: "read", left: 0, says: "" })),
      next: [],
      advice: [],
    });
    expect(texts(result.lines)).toEqual(["one", "two", "three", "four"]);
    expect(result.lines?.[1]).toEqual({
      loggedAt: at(2),
      host: last().id,
      service: "nginx",
      container: "threads-nginx-1",
      text: "two",
    });
    expect(scripts()).toHaveLength(1);
    expect(scripts()[0]).toMatch(/^TAIL='100'$/m);
  });

  test("of one service, of one host, or since a time", async () => {
    says(first(), "web", [1, "one"], [5, "five"]);
    says(first(), "celery", [2, "two"]);
    says(last(), "web", [3, "three"]);
    expect(texts((await read({ services: ["web"] })).lines)).toEqual(["one", "three", "five"]);
    expect(texts((await read({ hosts: [first().id] })).lines)).toEqual(["one", "two", "five"]);
    expect(last().seen).toEqual(["logs"]);
    expect(texts((await read({ since: at(3) })).lines)).toEqual(["three", "five"]);
  });

  test("are the last so many of all hosts together", async () => {
    says(first(), "web", [1, "one"], [2, "two"], [5, "five"]);
    says(last(), "web", [3, "three"], [4, "four"]);
    expect(texts((await read({ tail: 3 })).lines)).toEqual(["three", "four", "five"]);
  });

  test("are searched for on the hosts, in the last hour where nothing else is said; --tail counts what was found", async () => {
    says(first(), "web", [1, "ERROR one"], [2, "fine"], [3, "ERROR three"], [4, "ERROR four"]);
    const result = await read({ grep: "ERR", tail: 2 });
    expect(texts(result.lines)).toEqual(["ERROR three", "ERROR four"]);
    expect(scripts()[0]).toMatch(/^SINCE='3600s'$/m);
    expect(scripts()[0]).toMatch(/^TAIL='0'$/m);
    expect(scripts()[0]).toMatch(/^GREP=\('ERR'\)$/m);
  });

  test("in pieces where SSM has no room for all of it: none is lost, none comes twice", async () => {
    const lines = Array.from({ length: 50 }, (_, n) => [n, String(n)] as const);
    first().logs.room = 7;
    last().logs.room = 40;
    says(first(), "web", ...lines);
    says(last(), "web", ...lines.map(([n, text]) => [n, `${text}b`] as const));
    const result = await read({ since: at(0) });
    expect(texts(result.lines)).toEqual(lines.flatMap(([, text]) => [text, `${text}b`]));
    // Who has nothing more is not asked again.
    expect([first().seen.length, last().seen.length]).toEqual([8, 2]);
  });

  test("and what is too much to be read is counted", async () => {
    first().logs.room = 1;
    says(first(), "web", ...Array.from({ length: 1_240 }, (_, n) => [Math.floor(n / 30), String(n)] as const));
    const result = await read({ since: at(0) });
    expect(result.lines).toHaveLength(40);
    expect(result).toMatchObject({
      outcome: "read",
      hosts: [{ left: 1_200 }, { left: 0 }],
      advice: [`… 1,200 lines more on ${first().id}: --since, --grep or --tail narrow it`],
    });
  });
});

describe("a host", () => {
  test("that is offline is told, and the others are shown", async () => {
    first().online = false;
    says(last(), "web", [1, "one"]);
    const result = await read();
    expect(texts(result.lines)).toEqual(["one"]);
    expect(result).toMatchObject({
      outcome: "partly-read",
      hosts: [
        { id: first().id, verdict: "unread", left: null, says: "it is not online in SSM" },
        { id: last().id, verdict: "read" },
      ],
      next: ["threads status -e prod"],
    });
    await expect(read({ hosts: [first().id] })).rejects.toMatchObject({ code: "HOST_OFFLINE", exitCode: 3 });
  });

  test.each([
    ["hidden", "the values that would have to be hidden cannot be read"],
    ["no-docker", "Docker does not answer"],
    ["lacking", "this host lacks gzip"],
  ] as const)("that shows nothing (%s) is told, too", async (end, because) => {
    first().logs.end = end;
    says(last(), "web", [1, "one"]);
    const result = await read();
    expect(result).toMatchObject({ outcome: "partly-read", hosts: [{ verdict: "unread" }, { verdict: "read" }] });
    expect(result.hosts[0]?.says).toContain(because);
    last().logs.end = end;
    await expect(read()).rejects.toMatchObject({
      code: "HOST_NOT_READY",
      exitCode: 3,
      message: expect.stringContaining(because),
    });
  });

  test("that does not answer holds nobody up", async () => {
    first().onLogs = () => new Promise(() => undefined);
    says(last(), "web", [1, "one"]);
    const began = fleet.clock.now();
    const result = await read();
    expect(texts(result.lines)).toEqual(["one"]);
    expect(result.hosts[0]).toMatchObject({
      verdict: "unread",
      says: "no answer (SSM: inprogress: the host has not ended it, or has gone away meanwhile)",
    });
    expect(fleet.clock.now() - began).toBeLessThan(60_000);
  });

  test("with a container whose log nobody can read is read but for that", async () => {
    first().logs.unreadable.add("web");
    const result = await read();
    expect(result).toMatchObject({ outcome: "partly-read", hosts: [{ verdict: "partly-read" }, { verdict: "read" }] });
    expect(result.hosts[0]?.says).toContain("docker does not give the log of threads-web-1");
  });
});

test.each([
  ["has nothing of it", () => Promise.resolve([]), ["/g has nothing of deployment 1: the hosts of prod are asked"]],
  [
    "cannot be read",
    () => Promise.reject(new ThreadsError("ACCESS_DENIED", { message: "AWS denies access" })),
    ["/g is not read, and the hosts are asked instead: AWS denies access"],
  ],
])("hosts are asked for the log of a deployment where what is kept %s, which is said once", async (_, parts, told) => {
  const said: string[] = [];
  const say = (text: string): void => void said.push(text);
  const ports = fleet.ports({ progress: { ...fleet.progress, note: say, warn: say } });
  const kept: KeptLogs = { name: "/g", parts, pieces: () => Promise.resolve([]) };
  const keeping: MemberLogsOf = async (environment) => ({ ...(await logsOf()(environment)), kept });
  const reading = logs(
    { ...plainLogs, deployment: 1 },
    { ...ports, logsOf: keeping, show: undefined, closed: undefined },
  );
  // The hosts of this fleet keep none.
  await expect(reading).rejects.toMatchObject({ code: "NO_LOG" });
  expect(said).toEqual(told);
});

describe("refused", () => {
  test("a service that there is not, with the one that was meant; one that a host alone knows is none", async () => {
    await expect(read({ services: ["nginx", "wbe"] })).rejects.toMatchObject({
      code: "UNKNOWN_SERVICE",
      exitCode: 2,
      message: expect.stringContaining("did you mean web?"),
      next: ["threads logs -e prod nginx web"],
    });
    await expect(read({ services: ["web", "orders"] })).rejects.toMatchObject({
      code: "UNKNOWN_SERVICE",
      next: ["threads logs -e prod web"],
    });
    first().others = [{ service: "cache", digest: "", state: "running", health: "none" }];
    await expect(read({ services: ["cache"] })).rejects.toMatchObject({ code: "NOT_RUNNING" });
  });

  test("a host that there is not", async () => {
    await expect(read({ hosts: ["i-00000000000000003"], since: "10m" })).rejects.toMatchObject({
      code: "UNKNOWN_HOST",
      next: [first(), last()].map(({ id }) => `threads logs -e prod --host ${id} --since 10m`),
    });
  });

  test.each([
    [{ since: "soon" }, "--since soon is no time"],
    [{ since: "2099-01-01" }, "--since 2099-01-01 lies in the future"],
    [{ grep: "" }, "--grep needs a pattern of one line"],
    [{ grep: "a\nb" }, "--grep needs a pattern of one line"],
    [{ grep: "a(" }, "--grep a( is no regular expression"],
    [{ grep: String.raw`\d+` }, String.raw`--grep: grep -E knows no \d`],
    [{ grep: "(?i)a" }, "--grep: grep -E knows no (?"],
    [{ grep: "x".repeat(1_001) }, "more than 1,000 bytes"],
  ])("%j before anybody is asked", async (change, says_) => {
    const calls = fleet.ssm.calls.length;
    await expect(read(change)).rejects.toMatchObject({
      code: "USAGE",
      exitCode: 2,
      message: expect.stringContaining(says_),
    });
    expect(fleet.ssm.calls.length).toBe(calls);
  });

  test("a pattern that only the hosts do not take", async () => {
    first().logs.end = "bad-pattern";
    await expect(read({ grep: "a[[.x.]" })).rejects.toMatchObject({ code: "USAGE", exitCode: 2 });
  });

  test("where nothing was ever deployed", async () => {
    fleet.addHost("i-0000000000000000a", "staging");
    await expect(read({ environment: "staging" })).rejects.toMatchObject({ code: "NOT_RUNNING", exitCode: 3 });
  });
});

test.each([
  ["90s", "90s"],
  ["10m", "600s"],
  ["1h30m", "5400s"],
  ["3d", "259200s"],
  ["2026-11-22T10:00:00.123456789Z", "2026-11-22T10:00:00.123456789Z"],
  ["2026-11-22T11:00:00+01:00", "2026-11-22T10:00:00.000Z"],
  ["2026-11-22", "2026-11-22T00:00:00.000Z"],
])("--since %s is %s for docker", async (since, told) => {
  await read({ since });
  expect(scripts().at(-1)).toContain(`\nSINCE='${told}'\n`);
});
