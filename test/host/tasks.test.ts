import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { parseSummary, type HostSummary } from "../../src/lib/script/summary.ts";
import { revisions, StubHost } from "./host.ts";

// What became of the tasks of Celery's workers in the slot that was told to end, by their own logs.

const host = new StubHost();
beforeAll(() => host.open());
beforeEach(async () => {
  host.reset();
  host.inSlots = true;
  await host.withOldRelease();
});
afterAll(() => host.close());

/** What the old slot's worker has said: `at` is before it was told to end, or after. */
type Line = readonly [at: "before" | "after", text: string];
const times = { before: "2026-11-22T10:00:00.000000000Z", after: "2099-01-01T10:00:00.000000000Z" } as const;
const task = (id: string, what: string): string => `[INFO/MainProcess] Task app.add[${id}] ${what}`;
const ready: Line = ["before", "[2026-11-22: INFO/MainProcess] celery@0123456789ab ready."];

async function switched(...lines: readonly Line[]): Promise<Pick<HostSummary, "tasks" | "warnings">> {
  host.says("blue-2", ...lines.map(([at, text]) => [times[at], text] as const));
  const summary = parseSummary((await host.run(host.deployScript(2, revisions.next))).stdout);
  expect(summary).toMatchObject({ ok: true });
  if (summary === undefined) throw new Error("no summary");
  const { tasks, warnings } = summary;
  return { tasks, warnings };
}

test("a worker that ends by itself: what it finished since it was told to, and nothing is lost of what it had not begun", async () => {
  const log: Line[] = [
    ["before", task("a", "received")],
    ["before", task("b", "received")],
    ["before", task("c", "received")],
    ["before", task("a", "succeeded in 0.1s: None")],
    ["after", "worker: Warm shutdown (MainProcess)"],
    ["after", task("b", "succeeded in 9.1s: None")],
  ];
  expect(await switched(ready, ...log)).toEqual({ tasks: { finished: 1, lost: 0 }, warnings: [] });
});

test("one that is killed: what it had received and not ended is lost, and that is said with the cause", async () => {
  host.set("deaf", "celery\n");
  const log: Line[] = [
    ["before", task("a", "received")],
    ["before", task("b", "received")],
    ["before", "noise"],
    ["before", task("c", "received")],
    ["before", task("d", "received")],
    ["after", task("a", "succeeded in 0.1s: None")],
    ["after", task("d", "raised unexpected: X()")],
  ];
  expect(await switched(...log)).toEqual({
    tasks: { finished: 2, lost: 2 },
    warnings: [
      "celery did not end in its stop_grace_period of 10 s and was killed, with 2 tasks under way; whether its PID 1 (celery) listens for SIGTERM is not known",
    ],
  });
});

describe("of one that is killed that is told which is so:", () => {
  let processes: ChildProcess[] = [];
  afterEach(() => {
    for (const one of processes) one.kill("SIGKILL");
    processes = [];
  });

  /** A process that plays the PID 1 of the old slot. */
  function playedBy(file: string, ...args: string[]): ChildProcess {
    const child = spawn(file, args, { stdio: ["ignore", "pipe", "inherit"] });
    processes.push(child);
    host.set("process", String(child.pid));
    return child;
  }
  async function warning(): Promise<string> {
    host.set("deaf", "celery\n");
    const { warnings } = await switched(ready);
    return warnings.join("\n");
  }

  test("it listens, and needed longer", async () => {
    const { stdout } = playedBy(
      process.execPath,
      "-e",
      `process.on("SIGTERM", () => {}).stdout.write("."); setInterval(() => {}, 1e6)`,
    );
    await once(stdout!, "data");
    expect(await warning()).toBe(
      "celery did not end in its stop_grace_period of 10 s and was killed; it listens for SIGTERM and needed longer than that",
    );
  });

  test("an init hands it on, although the kernel shows nothing of that as long as it waits", async () => {
    const { stdout } = playedBy("perl", "-e", '$0 = "docker-init"; $| = 1; print "."; sleep 60');
    await once(stdout!, "data");
    expect(await warning()).toContain("; it listens for SIGTERM and needed longer than that");
  });

  test("it does not listen: a program", async () => {
    playedBy("sleep", "60");
    host.set("pid-one", "/usr/bin/node");
    expect(await warning()).toBe(
      "celery did not end in its stop_grace_period of 10 s and was killed; its PID 1 (node) does not listen for SIGTERM, and a PID 1 is not ended by what it does not listen for: have it do so, or give the service `init: true`",
    );
  });

  test("it does not listen: a shell", async () => {
    playedBy("sleep", "60");
    host.set("pid-one", "/bin/sh");
    expect(await warning()).toContain(
      "; its PID 1 is a shell (sh), which hands no SIGTERM on: `exec` the program in it, or give the service `init: true`",
    );
  });

  test("something else has killed it before that", async () => {
    host.set("ended", "2 seconds");
    expect(await warning()).toMatch(
      /^celery was killed after [1-9]\.\d s by something else than its stop_grace_period, which is 10 s$/,
    );
  });

  test("the kernel has, for want of memory", async () => {
    host.set("oom", "true");
    expect(await warning()).toBe("celery was killed for want of memory");
  });

  test("nothing of one that had ended before", async () => {
    host.set("ended", "1 hour ago");
    expect(await warning()).toBe("");
  });
});

test("an idle worker has finished none and lost none", async () => {
  expect(await switched(ready)).toEqual({ tasks: { finished: 0, lost: 0 }, warnings: [] });
});

test("where no log tells of tasks, nobody knows: that is not none", async () => {
  expect(await switched(["before", "celery beat v5.5.2 (immunity) is starting."])).toEqual({
    tasks: undefined,
    warnings: [],
  });
});

test("so it is where docker cannot read the log, and a killed one is told all the same", async () => {
  host.set("deaf", "celery\n");
  host.set("unreadable", "");
  expect(await switched(ready)).toEqual({
    tasks: undefined,
    warnings: [expect.stringMatching(/^celery did not end in its stop_grace_period of 10 s and was killed; /)],
  });
});
