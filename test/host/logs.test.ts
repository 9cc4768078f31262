import { rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import * as fc from "fast-check";
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { type LogsReport, parseLogsReport } from "../../src/lib/script/log-report.ts";
import type { LogsScript } from "../../src/lib/script/host-scripts.ts";
import { revisions, StubHost } from "./host.ts";

// logs.sh under a real bash: what containers have said, piece by piece, from where the piece before has ended.

const host = new StubHost();
beforeAll(() => host.open());
beforeEach(async () => {
  host.inSlots = false;
  await host.withOldRelease();
});
afterAll(() => host.close());

/** A moment of docker's, so many nanoseconds after a whole second long ago. */
const at = (nanoseconds: number, second = 0): string =>
  `2026-11-22T10:00:${String(second).padStart(2, "0")}.${String(nanoseconds).padStart(9, "0")}Z`;

async function read(change: Partial<LogsScript> = {}): Promise<LogsReport> {
  const ran = await host.run(host.logsScript(change));
  expect({ code: ran.code, stderr: ran.stderr }).toEqual({ code: 0, stderr: "" });
  expect(ran.stdout.length).toBeLessThan(24_000);
  const report = parseLogsReport(ran.stdout, "look");
  if (report === undefined) throw new Error(`no report: ${ran.stdout}`);
  return report;
}
const texts = (report: LogsReport): string[] => report.lines.map(({ text }) => text);
const said = ({ lines, containers }: LogsReport): string[] =>
  lines.map(({ container, text }) => `${containers[container]?.service ?? ""}: ${text}`);
const cursors = (report: LogsReport): string[] => report.containers.flatMap(({ cursor }) => cursor || []);

/** Everything from a first look on, as whoever follows it gets it. */
async function follow(first: LogsReport): Promise<string[]> {
  const all = said(first);
  for (let report = first; report.left > 0;) {
    report = await read({ cursors: cursors(report) });
    all.push(...said(report));
  }
  return all;
}

describe("what the containers have said", () => {
  test("comes by time over all of them, as it was said, with where the next look goes on", async () => {
    host.says("c1", [at(1), "one"], [at(3), "  three\t3 "], [at(4), ""]);
    host.says("c2", [at(2), "two"]);
    const report = await read();
    expect(said(report)).toEqual(["web: one", "celery: two", "web:   three\t3 ", "web: "]);
    expect(report).toMatchObject({
      end: "read",
      left: 0,
      late: false,
      services: ["web", "celery", "celery-beat", "nginx"],
    });
    expect(report.containers[0]).toEqual({
      id: "c1",
      service: "web",
      name: "app-web-1",
      state: "read",
      cursor: `c1 ${at(4)} 1`,
    });
    expect(report.containers[2]?.cursor).toBe(`c3 ${report.until} 0`);
    expect(report.upTo).toBe(report.until);
    host.says("c1", [at(5), "five"]);
    expect(said(await read({ cursors: cursors(report) }))).toEqual(["web: five"]);
  });

  test("are the last lines of all of them together, and not what came before", async () => {
    for (let n = 0; n < 20; n += 1) host.says(n % 5 === 0 ? "c2" : "c1", [at(n), String(n)]);
    const report = await read({ tail: 5 });
    expect(texts(report)).toEqual(["15", "16", "17", "18", "19"]);
    host.says("c2", [at(20), "20"]);
    expect(texts(await read({ cursors: cursors(report) }))).toEqual(["20"]);
  });

  test("of some services, and since a moment", async () => {
    host.says("c1", [at(1), "old"], [at(2, 30), "new"]);
    host.says("c2", [at(3, 30), "another"]);
    const report = await read({ services: ["web", "nginx"], since: at(0, 30), tail: 0 });
    expect(said(report)).toEqual(["web: new"]);
    expect(report.containers.map(({ service }) => service)).toEqual(["web", "nginx"]);
    const now = new Date().toISOString().replace("Z", "000000Z");
    host.says("c1", [now, "just now"]);
    await new Promise((resolve) => setTimeout(resolve, 400));
    expect(said(await read({ since: "60s", tail: 0 }))).toEqual(["web: just now"]);
  });

  test("and what has only just been written waits for the next look, as others may come before it", async () => {
    const soon = new Date(Date.now() + 1_000).toISOString().replace("Z", "000000Z");
    host.says("c1", [at(1), "one"], [soon, "soon"]);
    const report = await read();
    expect(texts(report)).toEqual(["one"]);
    await new Promise((resolve) => setTimeout(resolve, 1_500));
    expect(texts(await read({ cursors: cursors(report) }))).toEqual(["soon"]);
  });

  test("lines of one moment are counted, so that none comes twice and none is lost", async () => {
    host.says("c1", [at(1), "a"], [at(1), "b"]);
    const first = await read();
    expect(first.containers[0]?.cursor).toBe(`c1 ${at(1)} 2`);
    host.says("c1", [at(1), "c"]);
    const second = await read({ cursors: cursors(first) });
    expect([texts(second), second.containers[0]?.cursor]).toEqual([["c"], `c1 ${at(1)} 3`]);
    host.says("c1", [at(1), "d"], [at(2), "e"]);
    expect(texts(await read({ cursors: cursors(second) }))).toEqual(["d", "e"]);
  });

  test("what two streams have written in another order than that of their times comes once, by time", async () => {
    host.says("c1", [at(1), "a"], [at(4), "d"], [at(3), "c"], [at(2), "b"]);
    const first = await read();
    expect(texts(first)).toEqual(["a", "b", "c", "d"]);
    host.says("c1", [at(6), "f"], [at(5), "e"]);
    expect(texts(await read({ cursors: cursors(first) }))).toEqual(["e", "f"]);
  });

  test("whatever is said between whichever looks, each line comes once", async () => {
    const steps = fc.array(
      fc.array(
        fc.record({
          container: fc.integer({ min: 1, max: 3 }),
          gap: fc.integer({ min: 0, max: 1 }),
          late: fc.boolean(),
        }),
        {
          maxLength: 6,
        },
      ),
      { minLength: 1, maxLength: 4 },
    );
    await fc.assert(
      fc.asyncProperty(steps, async (looks) => {
        for (const id of ["c1", "c2", "c3"]) rmSync(join(host.state, `said-${id}`), { force: true });
        let [now, count] = [0, 0];
        const all: string[] = [];
        let report = await read();
        for (const lines of looks) {
          const said = lines.map(({ container, gap, late }): [string, [string, string], boolean] => {
            now += gap;
            count += 1;
            return [`c${container}`, [at(now), String(count)], late];
          });
          // One stream may write a moment after the other.
          for (const [id, line] of said.toSorted((one, other) => Number(one[2]) - Number(other[2])))
            host.says(id, line);
          now += 1;
          report = await read({ cursors: cursors(report).map((one) => one.replace(report.until, at(0))) });
          all.push(...texts(report));
        }
        expect(all.map(Number).toSorted((one, other) => one - other)).toEqual(
          Array.from({ length: count }, (_, index) => index + 1),
        );
      }),
      { numRuns: 6 },
    );
  });
});

describe("what no room is for", () => {
  test("comes with the next looks: nothing is lost, nothing comes twice, and how much it is is told", async () => {
    const random = (n: number): string =>
      `${n} ${Array.from({ length: 8 }, () => Math.random().toString(36)).join(" ")}`;
    const lines = Array.from({ length: 1_500 }, (_, n) => random(n));
    lines.forEach((text, n) => host.says(n % 3 === 0 ? "c2" : "c1", [at(n), text]));
    const first = await read({ tail: 5_000 });
    expect(first.left).toBe(lines.length - first.lines.length);
    expect(first.left).toBeGreaterThan(0);
    expect(first.upTo).toBe(first.lines.at(-1)?.place);
    const all = await follow(first);
    expect(all).toEqual(lines.map((text, n) => `${n % 3 === 0 ? "celery" : "web"}: ${text}`));
  });

  test("nor time for: more lines than are taken in one go", async () => {
    const lines = Array.from({ length: 6_000 }, (_, n): [string, string] => [at(n), String(n)]);
    host.says("c1", ...lines);
    host.says("c2", [at(10_000), "last"]);
    const first = await read({ since: at(0), tail: 0 });
    expect(first.lines.length + first.left).toBe(6_001);
    expect((await follow(first)).slice(-2)).toEqual(["web: 5999", "celery: last"]);
  });

  test("also where what there was no time for has an earlier time than what there was", async () => {
    const inPieces = (change: Partial<LogsScript>) =>
      host.run(host.logsScript({ tail: 0, ...change }).replace("MOST='5000'", "MOST='4'"));
    host.says("c1", [at(1), "a"], [at(2), "b"], [at(4), "d"], [at(6), "f"], [at(3), "c"], [at(5), "e"]);
    const all: string[] = [];
    for (let report = parseLogsReport((await inPieces({ since: at(0) })).stdout, "look")!; ;) {
      all.push(...texts(report));
      if (report.left === 0) break;
      report = parseLogsReport((await inPieces({ cursors: cursors(report) })).stdout, "look")!;
    }
    expect(all).toEqual(["a", "b", "c", "d", "e", "f"]);
  });

  test("a line that is longer than anybody reads is cut, and so is told", async () => {
    host.says("c1", [at(1), "x".repeat(8_000)], [at(2), "y".repeat(8_004)], [at(3), "z".repeat(40_000)]);
    const [x, y, z] = texts(await read());
    expect(x).toBe("x".repeat(8_000));
    expect(y).toBe(`${"y".repeat(8_000)} … 4 bytes more`);
    expect(z).toBe(`${"z".repeat(8_000)} … 32000 bytes more`);
  });
});

describe("a container", () => {
  test("of a slot that served is read to its end; the other slot is not shown", async () => {
    host.reset();
    host.inSlots = true;
    expect((await host.run(host.deployScript(1, revisions.old))).code).toBe(0);
    host.says("blue-1", [at(1), "of blue"]);
    host.says("base-1", [at(2), "of the base"]);
    const first = await read();
    expect(said(first)).toEqual(["web: of blue", "db: of the base"]);
    expect((await host.run(host.deployScript(2, revisions.next))).code).toBe(0);
    host.says("blue-1", [at(3), "going"]);
    host.says("green-1", [at(4), "of green"]);
    expect(said(await read({ cursors: cursors(first), since: at(0) }))).toEqual(["web: going", "web: of green"]);
    expect(said(await read())).toEqual(["db: of the base", "web: of green"]);
  });

  test("whose log docker does not give is told, and another one is shown all the same", async () => {
    host.set("unreadable", "");
    expect((await read()).containers.map(({ state, cursor }) => [state, cursor])).toEqual(
      Array.from({ length: 4 }, () => ["unreadable", ""]),
    );
  });

  test("that takes too long to read gives what there is by then, and the rest later", async () => {
    host.says("c1", ...Array.from({ length: 60 }, (_, n): [string, string] => [at(n), String(n)]));
    host.says("c2", [at(45), "before"], [at(55), "between"]);
    host.set("slow-logs", "");
    const inPieces = (script: string): string =>
      script.replace("MOST='5000'", "MOST='50'").replace("LIMIT='20'", "LIMIT='3'");
    const look = async (change: Partial<LogsScript>) => {
      const { stdout } = await host.run(inPieces(host.logsScript({ tail: 0, ...change })));
      return parseLogsReport(stdout, "look")!;
    };
    const report = await look({ since: at(0) });
    // What came after the last line that there was room for waits for what is missing before it.
    expect(said(report).slice(-4)).toEqual(["celery: before", "web: 46", "web: 47", "web: 48"]);
    expect(report).toMatchObject({ late: true, left: 12, upTo: at(48) });
    expect(report.containers.map(({ state }) => state)).toEqual(["late", "read", "read", "read"]);
    host.unset("slow-logs");
    const rest = await look({ cursors: cursors(report) });
    expect(texts(rest)).toEqual(["49", "50", "51", "52", "53", "54", "55", "between", "56", "57", "58", "59"]);
  });

  test("is not one where docker does not answer, nor without the programs that it takes", async () => {
    host.set("down", "");
    const { stdout } = await host.run(host.logsScript());
    expect(parseLogsReport(stdout, "look")).toMatchObject({ end: "no-docker", lines: [] });
    host.unset("down");
    host.says("c1", [at(1), "one"]);
    const script = host.logsScript().replace("need gzip gzip", "need gzip no-such-gzip");
    expect(parseLogsReport((await host.run(script)).stdout, "look")).toMatchObject({
      end: "lacking",
      message: expect.stringContaining("no-such-gzip (package gzip)"),
    });
  });
});

describe("what must not leave the host", () => {
  test("are values of the environment, in every form, also where docker has cut a line in pieces", async () => {
    host.says("c1", [at(1), "the password is hunter22"], [at(2), Buffer.from("hunter22!").toString("base64")]);
    host.says(
      "c1",
      [at(3), `${"x".repeat(16_384 - 4)}hunt${at(3)} er22 and more`],
      [at(4), "\u001B[31mhun\u001B[0mter22"],
    );
    const shown = texts(await read());
    expect(shown[0]).toBe("the password is [redacted]");
    expect(shown[1]).toContain("[redacted]");
    expect(shown[3]).toBe("[redacted]");
    expect(shown.join("\n")).not.toMatch(/hunt|er22/);
  });

  test("nor half a value at the edge of a line that is too long", async () => {
    const secret = `start-${"0123456789".repeat(60)}-end`;
    writeFileSync(join(host.home, "threads.env"), `KEY=${secret}\n`);
    host.says("c1", [at(1), `${secret.repeat(53)}${"x".repeat(100)}${secret.repeat(30)}`]);
    const [line = ""] = texts(await read());
    expect(line).not.toMatch(/0123456789|-end/);
    expect(line).toMatch(/^\[redacted\].* bytes more$/);
  });

  test("nor anything where compose cannot read an environment file", async () => {
    host.says("c1", [at(1), "the password is hunter22"]);
    host.set("bad-environment", 'line 1: unexpected character "!" in variable name "PW hunter22"\n');
    const ran = await host.run(host.logsScript());
    expect(parseLogsReport(ran.stdout, "look")).toMatchObject({ end: "hidden", lines: [] });
    expect(ran.stdout + ran.stderr).not.toContain("hunter22");
  });

  test("and it is not asked how where nothing is said", async () => {
    host.set("bad-environment", "");
    expect(await read()).toMatchObject({ end: "read", lines: [] });
  });
});

describe("what is searched for", () => {
  beforeEach(() => {
    host.says(
      "c1",
      [at(1), "ERROR one"],
      [at(2), "fine"],
      [at(3), "a Traceback\tof hunter22"],
      [at(4), "{{.Id}} it's"],
    );
  });

  test.each([
    ["ERROR|Traceback", ["ERROR one", "a Traceback\tof [redacted]"]],
    ["^fine$", ["fine"]],
    [String.raw`\{\{\.Id`, ["{{.Id}} it's"]],
    ["it's", ["{{.Id}} it's"]],
    ["-v", []],
    ["redacted", ["a Traceback\tof [redacted]"]],
    ["hunter", []],
  ])("%s, in what is shown", async (grep, found) => {
    const report = await read({ grep });
    expect(texts(report)).toEqual(found);
    // What does not match is past, too.
    expect(report.left).toBe(0);
    expect(report.containers[0]?.cursor).toBe(`c1 ${at(4)} 1`);
  });

  test("that grep does not take is told before anything is read", async () => {
    expect(await read({ grep: "a[" })).toMatchObject({ end: "bad-pattern", lines: [] });
    expect(host.read("calls")).not.toMatch(/^logs --timestamps/m);
  });
});

test("a report is believed of its own order only, and whole", () => {
  const line = '{"threads":1,"action":"logs","nonce":"other","end":"read","message":"","lines":1}\n';
  expect(parseLogsReport(line, "look")).toBeUndefined();
  expect(parseLogsReport(line, "other")).toBeUndefined();
  expect(parseLogsReport(`x\n${line}`, "other")).toBeUndefined();
  expect(parseLogsReport(`${line}H4sI`, "other")).toBeUndefined();
  expect(parseLogsReport(line.replace(":1}", ":0}"), "other")).toMatchObject({ end: "read", lines: [] });
});
