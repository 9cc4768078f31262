import { existsSync, readdirSync, readFileSync, readlinkSync, rmSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { parseSummary } from "../../src/lib/script/summary.ts";
import { digestOf, revisions, said, StubHost } from "./host.ts";

const host = new StubHost();
beforeAll(() => host.open());
beforeEach(() => {
  host.reset();
  host.inSlots = true;
});
afterAll(() => host.close());

const seldom = { pause: 0.2 };
const current = (): string => readlinkSync(join(host.root, "current"));
const inSlot = (slot: string): string => readlinkSync(join(host.root, "slots", slot));
const release = (revision: string): string => `../releases/${digestOf(`bundle${revision[0]}`).slice(7, 19)}`;
const deploy = (number: number, revision: string, change = {}) => host.run(host.deployScript(number, revision, change));

/** Services whose containers run, by the slot that they are in. */
const up = (): Readonly<Record<string, readonly string[]>> => ({ blue: host.up("blue"), green: host.up("green") });
const whole = ["web", "celery", "celery-beat", "nginx"];

/** Calls of docker since the last look, in order. */
function calls(): readonly string[] {
  const all = host.read("calls").split("\n");
  host.set("calls", "");
  return all;
}
const at = (all: readonly string[], text: string): number => {
  const found = all.findIndex((call) => call.includes(text));
  if (found === -1) throw new Error(`docker was not told ${text}`);
  return found;
};

test("the first release comes up in a slot; the edge is started, and sends everything there", async () => {
  const ran = await deploy(1, revisions.old);
  expect(ran).toMatchObject({ code: 0, stderr: "" });
  expect({ current: current(), blue: inSlot("blue"), up: up() }).toEqual({
    current: "slots/blue",
    blue: release(revisions.old),
    up: { blue: whole, green: [] },
  });
  expect(host.read("serves")).toBe("blue\n");
  const summary = parseSummary(ran.stdout);
  expect(summary).toMatchObject({ ok: true, now: "new", services: [...whole, "db"] });
  expect(summary?.containers?.map(({ service }) => service)).toEqual(["db", ...whole]);
});

test("the next one: whole and looked at before a request reaches it, no two beats at a time, the old one stopped in the end", async () => {
  await host.withOldRelease();
  calls();
  const ran = await deploy(2, revisions.next);
  expect(ran).toMatchObject({ code: 0, stderr: "" });
  // As often as the edge was asked in between.
  const summary = parseSummary(ran.stdout);
  expect(summary?.traffic).toEqual({ requests: 50, failed: 0, longestGapMs: 120, p99BeforeMs: 30, p99AfterMs: 45 });
  const before = ["start", "preflight", "pull", "compose", "prepare", "migrate"];
  const steps = [...before, "switch", "singletons", "record", "retire", "prune"];
  expect(Object.keys(summary?.timings ?? {})).toEqual(steps);
  const told = calls();
  const order = [
    "-p app-green",
    "up --no-start",
    "network connect --alias db app-green_default",
    "run --rm --no-deps",
    "start green-1",
    "set weight slots_1/green 100; set weight slots_1/blue 0".split("; ")[0] ?? "",
    "stop blue-3",
    "start green-3",
  ].map((text) => at(told, text));
  expect(order).toEqual(order.toSorted((one, other) => one - other));
  expect({ current: current(), up: up() }).toEqual({ current: "slots/green", up: { blue: [], green: whole } });
  expect(told.filter((call) => call.startsWith("run -d --name app-edge"))).toEqual([]);
  expect(told.filter((call) => call.endsWith(" drain blue 1"))).toHaveLength(1);
});

test("what is told of a host is what serves, without the slot that was left, also where nothing is there once only", async () => {
  await deploy(1, revisions.old, { singletons: [] });
  const summary = parseSummary((await deploy(2, revisions.next, { singletons: [] })).stdout);
  expect(summary).toMatchObject({ ok: true, now: "new", current: { slot: "green" } });
  expect(summary?.containers?.map(({ service }) => service).toSorted()).toEqual(["db", ...whole].toSorted());
});

test("a slot is emptied for another release: what runs once leaves its network before that is removed, and joins the new one", async () => {
  await host.withNextRelease();
  const joined = host.read("networks");
  expect(joined.trim().split("\n")).toEqual(["app-blue_default base-1", "app-green_default base-1"]);
  // Somebody's own has joined it, too.
  host.set("networks", `${joined}app-blue_default x7\n`);
  calls();
  expect(said(await deploy(3, revisions.third))).toMatchObject({ ok: true });
  const told = calls();
  const order = [
    "network disconnect -f app-blue_default base-1",
    "-p app-blue down --remove-orphans",
    "network connect --alias db app-blue_default base-1",
    "start blue-1",
  ].map((text) => at(told, text));
  expect(order).toEqual(order.toSorted((one, other) => one - other));
  expect(told.filter((call) => /^network (dis)?connect /.test(call))).toHaveLength(2);
  expect(inSlot("blue")).toBe(release(revisions.third));
});

test("a release with other ports has another edge: the old one's sockets are handed over, and its count goes on", async () => {
  await host.withOldRelease();
  const before = readdirSync(join(host.state, "edges"));
  const script = host.deployScript(2, revisions.next);
  host.set("port", "0.0.0.0:8081");
  calls();
  const ran = await host.run(script);
  // Fifty of the old one from the beginning to its end, fifty of the new one until it was up, fifty since.
  expect(parseSummary(ran.stdout)).toMatchObject({ ok: true, traffic: { requests: 150, failed: 0 } });
  expect(readdirSync(join(host.state, "edges"))).toHaveLength(1);
  expect(readdirSync(join(host.state, "edges"))).not.toEqual(before);
  const told = calls();
  const order = ["run -d --name app-edge", "kill -s USR1 app-edge", "wait app-edge", "rm -f app-edge"];
  const places = order.map((text) => told.findLastIndex((call) => call.startsWith(text)));
  expect(places.filter((place) => place === -1)).toEqual([]);
  expect(places).toEqual(places.toSorted((one, other) => one - other));
  // One that is not given them must end: HAProxy with a master goes on without, on sockets of its own beside the old ones.
  const edgeStart = told.filter((call) => call.includes("exec haproxy "));
  expect(edgeStart).toEqual([
    expect.stringMatching(/ exec haproxy -db -f "\$2" -x "\$1"; fi$/),
    expect.stringMatching(/^exec haproxy -db -f "\$2" edge /),
  ]);
  // What the new one is started with: its own name, and whose sockets it takes.
  expect(told).toContainEqual(
    expect.stringMatching(` edge ${readdirSync(join(host.state, "edges"))[0]} ${before[0]}$`),
  );
});

test("a singleton that does not stay up is a reason to go back: the slot before has everything still", async () => {
  await host.withOldRelease();
  host.set(`odd-${revisions.next}`, "celery-beat state restarting\ncelery-beat exit 1\n");
  calls();
  expect(parseSummary((await deploy(2, revisions.next)).stdout)).toMatchObject({
    ok: false,
    code: 15,
    now: "old",
    message: expect.stringContaining("celery-beat is restarting (exit code 1)"),
  });
  expect({ current: current(), serves: host.read("serves"), up: up() }).toEqual({
    current: "slots/blue",
    serves: "blue\n",
    up: { blue: whole, green: [] },
  });
  // Nothing of it was made anew: what it served with is what it has.
  expect(calls().filter((call) => /-p app-blue .* up /.test(call))).toEqual([]);
});

test("going back starts a singleton that may end, too: stopped, it looks as if it were done", async () => {
  const mayEnd = "celery-beat 1 may\n";
  const script = (number: number, revision: string): string => {
    const made = host.deployScript(number, revision);
    host.set("bundle/model/expected", mayEnd);
    return made;
  };
  expect(said(await host.run(script(1, revisions.old)))).toMatchObject({ ok: true });
  host.set(`odd-${revisions.next}`, "celery-beat state restarting\ncelery-beat exit 1\n");
  expect(said(await host.run(script(2, revisions.next)))).toMatchObject({ code: 15, now: "old" });
  expect({ current: current(), up: up() }).toEqual({ current: "slots/blue", up: { blue: whole, green: [] } });
});

describe("a release that does not serve leaves the slot that does alone", () => {
  const faults = [
    { name: "it is not healthy", set: ["unhealthy", `celery ${revisions.next}\n`], says: "celery is unhealthy" },
    { name: "it does not start", set: ["fail-up", `${revisions.next}\n`], says: "driver failed" },
    { name: "the edge is not told", set: ["fail-steer", ""], says: "the edge could not be switched" },
  ] as const;
  test.each(faults)("$name", async ({ set: [name, text], says }) => {
    await host.withOldRelease();
    calls();
    host.set(name, text);
    const ran = await deploy(2, revisions.next, seldom);
    host.unset(name);
    expect(parseSummary(ran.stdout)).toMatchObject({
      ok: false,
      now: "old",
      rolledBack: true,
      message: expect.stringContaining(says),
    });
    expect({ current: current(), serves: host.read("serves"), blue: up()["blue"] }).toEqual({
      current: "slots/blue",
      serves: "blue\n",
      blue: whole,
    });
    expect(calls().filter((call) => /app-blue.* (stop|down)/.test(call))).toEqual([]);
  });
});

test("an edge that does not come up is told with docker's own reason, and nothing is left", async () => {
  host.set("fail-edge", "");
  const ran = await deploy(1, revisions.old, seldom);
  expect(parseSummary(ran.stdout)).toMatchObject({
    ok: false,
    now: "old",
    message: expect.stringContaining("the edge did not come up: port is already allocated"),
  });
  expect(up()).toEqual({ blue: [], green: [] });
});

test("where the way back fails, what is told to serve is what the edge answers, not the slot that was looked at last", async () => {
  await host.withOldRelease();
  host.set("unhealthy", `celery ${revisions.next}\n`);
  host.set("fail-up", `${revisions.old}\n`);
  const script = host.deployScript(2, revisions.next, seldom);
  host.set("bundle/model/base.yml", "# another definition\ndb\n");
  const ran = await host.run(script);
  expect(parseSummary(ran.stdout)).toMatchObject({ ok: false, code: 16, now: "old", rolledBack: false });
});

test("brought back after the switch: the slot that was stopped serves again, and no registry is asked", async () => {
  await host.withNextRelease();
  calls();
  const ran = await host.run(host.restoreScript(2));
  expect(parseSummary(ran.stdout)).toMatchObject({ ok: true, now: "old" });
  expect({ current: current(), serves: host.read("serves"), up: up() }).toEqual({
    current: "slots/blue",
    serves: "blue\n",
    up: { blue: whole, green: [] },
  });
  expect(calls().filter((call) => call.startsWith("pull"))).toEqual([]);
});

test("brought back where the slot of the release before is gone: it is made anew from what is kept, and no registry is asked", async () => {
  await host.withNextRelease();
  rmSync(join(host.root, "slots", "blue"));
  for (const id of readdirSync(join(host.state, "containers")).filter((name) => name.startsWith("blue-")))
    rmSync(join(host.state, "containers", id));
  calls();
  expect(said(await host.run(host.restoreScript(2)))).toMatchObject({ ok: true, now: "old" });
  expect({ current: current(), blue: inSlot("blue"), serves: host.read("serves"), up: up() }).toEqual({
    current: "slots/blue",
    blue: release(revisions.old),
    serves: "blue\n",
    up: { blue: whole, green: [] },
  });
  expect(calls().filter((call) => call.startsWith("pull"))).toEqual([]);
});

test("a container that was started from an image of a slot by hand is not ended with it", async () => {
  await host.withOldRelease();
  host.set("by-hand", "web|False|by-hand|/hopeful_pare|x|id-x|running|0|none|0|2026-11-22T10:00:00Z\n");
  calls();
  expect(said(await deploy(2, revisions.next))).toMatchObject({ ok: true, warnings: [] });
  expect(calls().filter((call) => / by-hand( |$)/.test(call))).toEqual([]);
});

test("what serves already stays in its slot when it is deployed again, and nothing else comes up beside it", async () => {
  await host.withOldRelease();
  calls();
  expect(said(await deploy(2, revisions.old))).toMatchObject({ ok: true, now: "new", changed: false, warnings: [] });
  expect({ current: current(), serves: host.read("serves"), up: up() }).toEqual({
    current: "slots/blue",
    serves: "blue\n",
    up: { blue: whole, green: [] },
  });
  expect(calls().filter((call) => call.includes("-p app-green") || call.startsWith("stop "))).toEqual([]);
});

test("a single stack is taken over, and back again", async () => {
  host.inSlots = false;
  await deploy(1, revisions.old);
  host.inSlots = true;
  const over = await deploy(2, revisions.next);
  expect(parseSummary(over.stdout)).toMatchObject({
    ok: true,
    warnings: [expect.stringContaining("single stack was taken down")],
  });
  expect({ current: current(), up: up(), single: host.running().length }).toEqual({
    current: "slots/blue",
    up: { blue: whole, green: [] },
    single: whole.length + 1,
  });
  const back = await host.run(host.restoreScript(2));
  expect(parseSummary(back.stdout)).toMatchObject({ ok: true, now: "old" });
  expect({ current: current(), up: up(), slots: existsSync(join(host.root, "slots")) }).toEqual({
    current: release(revisions.old).replace("../", ""),
    up: { blue: [], green: [] },
    slots: false,
  });
});

test("a release that was published before fronts named a protocol has fronts for HTTP", async () => {
  const script = host.deployScript(1, revisions.old);
  host.set("bundle/model/fronts", "1 nginx 8080\n");
  expect(parseSummary((await host.run(script)).stdout)).toMatchObject({ ok: true });
  const [edge = ""] = readdirSync(join(host.state, "edges"));
  const config = readFileSync(join(host.root, "edge", `${edge}.cfg`), "utf8");
  expect(config).toContain("frontend front_1 from http\n");
  expect(config).toContain("backend slots_1 from http\n");
});

describe("power fails at a call of docker", () => {
  // However slow the machine is: what takes another way makes other calls.
  const patient = { healthTimeoutMs: 600_000, deadlineMs: 3_000_000 };
  const changing = / (up|stop|start|down|run|exec|connect|disconnect|tag|rm|create) /;
  /** How many of a deployment's calls change something: an edge that drains is only looked at. */
  const steps = (told: readonly string[]): number =>
    told.filter((call) => changing.test(` ${call} `)).length -
    told.filter((call) => / drain \w+ \d+$/.test(call)).length;

  /** The host is one whole release, its records say which, and the edge sends everything there. */
  function expectWhole(revision: string): void {
    const slot = current().replace("slots/", "");
    const other = slot === "blue" ? "green" : "blue";
    expect({ release: inSlot(slot), serves: host.read("serves").trim(), up: up()[slot] }).toEqual({
      release: release(revision),
      serves: slot,
      up: whole,
    });
    expect(up()[other]?.includes("celery-beat")).toBe(false);
  }

  test("whichever it is, the same deployment again finishes it, and restoring leads back", async () => {
    await host.withOldRelease();
    calls();
    await deploy(2, revisions.next, patient);
    const all = steps(calls());
    expect(all).toBeGreaterThan(12);
    const cut: number[] = [];
    for (let step = 1; step <= all; step += 1) {
      await host.withOldRelease();
      const script = host.deployScript(2, revisions.next, patient);
      host.set("power-fails", `${step} ${step % 2 === 0 ? "before" : "after"}\n`);
      cut.push((await host.run(script)).code);
      const goesOn = step % 4 < 2;
      const ran = await host.run(goesOn ? script : host.restoreScript(2, patient));
      expect(parseSummary(ran.stdout)).toMatchObject({ ok: true, now: goesOn ? "new" : "old" });
      expectWhole(goesOn ? revisions.next : revisions.old);
    }
    expect(cut.filter((code) => code === 0)).toEqual([]);
  }, 300_000);

  test("so it is on the straight way back", async () => {
    const ready = async (): Promise<string> => {
      await host.withNextRelease();
      const back = { asItWas: true, migrate: undefined, workers: ["celery"] };
      return host.deployScript(3, revisions.old, { ...back, ...patient });
    };
    const script = await ready();
    calls();
    await host.run(script);
    const all = steps(calls());
    expect(all).toBeGreaterThan(4);
    for (let step = 1; step <= all; step += 1) {
      const again = await ready();
      host.set("power-fails", `${step} ${step % 2 === 0 ? "before" : "after"}\n`);
      expect((await host.run(again)).code).not.toBe(0);
      const goesOn = step % 4 < 2;
      const ran = await host.run(goesOn ? again : host.restoreScript(3, { ...patient, workers: ["celery"] }));
      expect(parseSummary(ran.stdout)).toMatchObject({ ok: true, now: goesOn ? "new" : "old" });
      expectWhole(goesOn ? revisions.old : revisions.next);
    }
  }, 300_000);
});
