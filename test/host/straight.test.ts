import { readdirSync, readFileSync, readlinkSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { parseSummary } from "../../src/lib/script/summary.ts";
import { digestOf, type Ran, revisions, StubHost } from "./host.ts";

// Back into the slot that was stopped, with what is there; and who starts and stops containers that compose has made.

const host = new StubHost();
beforeAll(async () => {
  await host.open();
  host.inSlots = true;
  await host.withNextRelease();
});
beforeEach(async () => {
  host.reset();
  host.inSlots = true;
  await host.withNextRelease();
  host.set("calls", "");
});
afterAll(() => host.close());

const seldom = { pause: 0.2 };
const back = { asItWas: true, migrate: undefined };
const workers = { workers: ["celery"] };
const whole = ["web", "celery", "celery-beat", "nginx"];
const short = (revision: string): string => digestOf(`bundle${revision[0]}`).slice(7, 19);
const deploy = (number: number, revision: string, change = {}): Promise<Ran> =>
  host.run(host.deployScript(number, revision, change));
/** Calls of docker since the last look, in order. */
function calls(): readonly string[] {
  const all = host.read("calls").split("\n");
  host.set("calls", "");
  return all;
}
const is = (call: string, text: string): boolean => call === text || (text.includes("/") && call.includes(text));
/** Where these were told, first to last; fails where docker was not. */
function places(all: readonly string[], ...texts: readonly string[]): readonly number[] {
  const found = texts.map((text) => all.findIndex((call) => is(call, text)));
  expect(texts.filter((_, index) => found[index] === -1)).toEqual([]);
  return found;
}
/** Those of them that make something, or ask compose. */
const made = (all: readonly string[]): readonly string[] =>
  all.filter((call) => / (up|run|pull|down) |^compose /.test(` ${call} `) && !call.includes("app-base"));
/** Has a container of a slot run already, as an earlier run may have left it. */
function leaveRunning(id: string): void {
  const file = join(host.state, "containers", id);
  writeFileSync(file, readFileSync(file, "utf8").replace("|exited|", "|running|"));
}
const serves = (slot: string): object => ({ serves: `${slot}\n`, up: whole });
const seen = (slot: string): object => ({ serves: host.read("serves"), up: host.up(slot) });

test("everything there is started as it is, looked at, and gets all requests before the beat changes hands", async () => {
  host.set("scratch", "left\n");
  const summary = parseSummary((await deploy(3, revisions.old, back)).stdout);
  expect(summary).toMatchObject({ ok: true, now: "new", changed: true, current: { slot: "blue" }, warnings: [] });
  expect(Object.keys(summary?.timings ?? {})).toEqual(["start", "switch", "singletons", "record", "retire", "prune"]);
  const told = calls();
  // The base was made anew with another name of the release: compose is asked for nothing else.
  expect(made(told)).toEqual([]);
  // What an earlier run has left goes in the end: nothing waits for that here.
  expect(told.indexOf("rm -f left")).toBeGreaterThan(told.indexOf("start blue-3"));
  for (const id of ["blue-1", "blue-2", "blue-4"]) {
    const order = places(told, `start ${id}`, "set weight slots_1/blue 100", "stop green-3", "start blue-3");
    expect(order).toEqual(order.toSorted((one, other) => one - other));
  }
  expect({ current: readlinkSync(join(host.root, "current")), ...seen("blue") }).toEqual({
    current: "slots/blue",
    ...serves("blue"),
  });
  expect(host.up("green")).toEqual([]);
  // And forward again by the same way.
  expect(parseSummary((await deploy(4, revisions.next, back)).stdout)).toMatchObject({ ok: true, now: "new" });
  expect({ ...seen("green"), left: host.up("blue") }).toEqual({ ...serves("green"), left: [] });
});

test("what a killed run was still ending is waited for: docker shows it as running, and it would be gone a moment later", async () => {
  leaveRunning("blue-2");
  leaveRunning("blue-3");
  writeFileSync(join(host.root, "slots/blue.ending-4711"), "blue-2\nblue-3\n");
  expect(parseSummary((await deploy(3, revisions.old, back)).stdout)).toMatchObject({ ok: true, now: "new" });
  const told = calls();
  for (const id of ["blue-2", "blue-3"]) {
    const order = places(told, `stop ${id}`, `start ${id}`);
    expect(order).toEqual(order.toSorted((one, other) => one - other));
  }
  expect(seen("blue")).toEqual(serves("blue"));
  const left = readdirSync(join(host.root, "slots")).filter((name) => !name.endsWith(".stopped"));
  expect(left.toSorted()).toEqual(["blue", "green"]);
});

describe("workers", () => {
  test("come up once those who ask have the release, and the old ones end while their slot does", async () => {
    const ran = await deploy(3, revisions.old, { ...back, ...workers });
    expect(parseSummary(ran.stdout)).toMatchObject({ ok: true, now: "new", warnings: [] });
    const told = calls();
    const order = places(told, "start blue-1", "set weight slots_1/blue 100", "start blue-2", "stop green-2");
    expect(order).toEqual(order.toSorted((one, other) => one - other));
    // Told once: a second word would be a hurry.
    expect(told.filter((call) => /^stop .*green-2( |$)/.test(call))).toEqual(["stop green-2"]);
    expect(told).toContain("stop green-1 green-3 green-4");
    expect({ ...seen("blue"), left: host.up("green") }).toEqual({ ...serves("blue"), left: [] });
  });

  test("of another host than the first, which has nothing that runs once", async () => {
    const ran = await deploy(3, revisions.old, { ...back, ...workers, singletons: [], absent: ["celery-beat"] });
    expect(parseSummary(ran.stdout)).toMatchObject({ ok: true, now: "new", warnings: [] });
    const order = places(calls(), "set weight slots_1/blue 100", "start blue-2", "stop green-2");
    expect(order).toEqual(order.toSorted((one, other) => one - other));
    expect(host.up("blue")).toEqual(["web", "celery", "nginx"]);
  });

  test("that do not come up again lead back to what served, whole", async () => {
    host.set(`odd-${revisions.old}`, "celery state restarting\ncelery exit 1\n");
    const ran = await deploy(3, revisions.old, { ...back, ...workers, ...seldom });
    expect(parseSummary(ran.stdout)).toMatchObject({
      ok: false,
      now: "old",
      rolledBack: true,
      message: expect.stringContaining("celery is restarting (exit code 1)"),
    });
    expect({ ...seen("green"), left: host.up("blue") }).toEqual({ ...serves("green"), left: [] });
  });

  test("of a deployment come up before the switch: nobody knows of them yet", async () => {
    const ran = await deploy(3, revisions.third, workers);
    expect(parseSummary(ran.stdout)).toMatchObject({ ok: true, warnings: [] });
    const told = calls();
    const order = places(told, "start blue-2", "set weight slots_1/blue 100", "stop green-2");
    expect(order).toEqual(order.toSorted((one, other) => one - other));
    // At the same time as the workers: nothing decides which of the two docker hears first.
    expect(told).toContain("stop green-1 green-3 green-4");
  });
});

test("what an earlier run has come to is gone on from: its workers stay, and its beat waits once more", async () => {
  for (const id of ["blue-2", "blue-3"]) leaveRunning(id);
  const ran = await deploy(3, revisions.old, { ...back, ...workers, healthTimeoutMs: 600_000 });
  expect(parseSummary(ran.stdout)).toMatchObject({ ok: true, now: "new", warnings: [] });
  const told = calls();
  const order = places(told, "stop blue-3", "start blue-1", "set weight slots_1/blue 100", "start blue-3");
  expect(order).toEqual(order.toSorted((one, other) => one - other));
  expect(made(told)).toEqual([]);
  expect(told.filter((call) => call.startsWith("stop blue-2"))).toEqual([]);
});

describe("an order among services, which only compose knows", () => {
  test.each([
    "    depends_on:",
    "    post_start:",
    '    network_mode: "service:web"',
    // Compose writes those of the model itself into a container, newer ones when it starts.
    "secrets:",
    "configs:",
  ])("%s", async (line) => {
    const script = host.deployScript(3, revisions.third, workers);
    host.set("bundle/model/slot.yml", `${host.read("bundle/model/slot.yml")}${line}\n`);
    expect(parseSummary((await host.run(script)).stdout)).toMatchObject({ ok: true });
    expect(calls().filter((call) => call.startsWith("start "))).toEqual([]);
    expect(parseSummary((await deploy(4, revisions.next, { ...back, ...workers })).stdout)).toMatchObject({ ok: true });
    const told = calls();
    expect(told.filter((call) => / -p app-blue .* stop$/.test(call))).toHaveLength(1);
    expect(told.filter((call) => / -p app-blue .* stop celery-beat$/.test(call))).toHaveLength(1);
    expect({ ...seen("green"), left: host.up("blue") }).toEqual({ ...serves("green"), left: [] });
    expect(parseSummary((await deploy(5, revisions.third, { ...back, ...workers })).stdout)).toMatchObject({
      ok: true,
    });
    expect(calls().filter((call) => / -p app-blue .* start (web|celery|celery-beat|nginx)/.test(call))).toHaveLength(3);
    expect({ ...seen("blue"), left: host.up("green") }).toEqual({ ...serves("blue"), left: [] });
  });
});

test("what docker cannot start compose is asked to, whose word is told", async () => {
  host.set("fail-start", "");
  expect(parseSummary((await deploy(3, revisions.third, seldom)).stdout)).toMatchObject({ ok: true });
  expect(calls().filter((call) => call.includes(" up -d "))).not.toEqual([]);
  expect({ ...seen("blue"), left: host.up("green") }).toEqual({ ...serves("blue"), left: [] });
});

describe("takes the long way", () => {
  const changes: readonly (readonly [string, () => void])[] = [
    ["the host's environment", () => writeFileSync(join(host.home, "threads.env"), "SECRET_KEY=other\n")],
    ["its edge", () => renameSync(theEdge(), join(host.state, "edges", "another"))],
    ["a container that somebody took away", () => rmSync(join(host.state, "containers", "blue-1"))],
    ["its slot's record", () => writeFileSync(join(host.root, "releases", short(revisions.old), "whole"), "torn")],
    ["a migration that is still at work", () => host.set("oneoff", "green-9\n")],
  ];
  const theEdge = (): string => join(host.state, "edges", readdirSync(join(host.state, "edges"))[0] ?? "");
  test.each(changes)("what has changed: %s", async (_, change) => {
    change();
    const never = { healthTimeoutMs: 600_000 };
    expect(parseSummary((await deploy(3, revisions.old, { ...back, ...never })).stdout)).toMatchObject({
      ok: true,
      now: "new",
    });
    const told = calls();
    expect(told.filter((call) => call.includes("up --no-start")).length).toBeGreaterThan(0);
    // Whatever slot it is in.
    expect(told.includes("wait green-9")).toBe(host.read("oneoff") !== "");
    expect(seen("blue")).toEqual(serves("blue"));
  });
});

test("what does not come up again is made anew; where that fails, too, what served goes on", async () => {
  host.set("unhealthy", `web ${revisions.old}\n`);
  host.set(`odd-${revisions.old}`, "web health unhealthy\n");
  const ran = await deploy(3, revisions.old, { ...back, ...seldom });
  expect(parseSummary(ran.stdout)).toMatchObject({ ok: false, now: "old", rolledBack: true });
  expect(seen("green")).toEqual(serves("green"));
});

test("an order that names another image than the release has here is not carried out", async () => {
  const script = host.deployScript(3, revisions.old, back);
  const other = script.replaceAll(digestOf(`celery${revisions.old[0]}`), digestOf("another"));
  expect(parseSummary((await host.run(other)).stdout)).toMatchObject({
    ok: false,
    message: expect.stringContaining("the bundle does not pin celery"),
  });
  expect(seen("green")).toEqual(serves("green"));
});
