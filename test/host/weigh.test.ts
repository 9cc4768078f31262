import { existsSync, readdirSync, readFileSync, readlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { parseSummary } from "../../src/lib/script/summary.ts";
import { digestOf, type Ran, revisions, said, StubHost } from "./host.ts";

// A part of the requests for the release that is new: what serves stays on record, and is what every way leads back to.

const host = new StubHost();
beforeAll(() => host.open());
beforeEach(async () => {
  host.reset();
  host.inSlots = true;
  await host.withOldRelease();
  host.set("calls", "");
});
afterAll(() => host.close());

const workers = { workers: ["celery"] };
const weigh = (number: number, step: number, weight: number, change = {}): Promise<Ran> =>
  host.run(host.deployScript(number, revisions.next, { ...workers, share: { step, weight }, ...change }));
const deploy = (number: number, revision: string, change = {}): Promise<Ran> =>
  host.run(host.deployScript(number, revision, { ...workers, ...change }));
const current = (): string => readlinkSync(join(host.root, "current"));
const record = (): string[] => {
  const path = join(host.root, "weighed");
  return existsSync(path) ? readFileSync(path, "utf8").trim().split(" ") : [];
};
const weights = (): string[] => ["blue", "green"].map((slot) => host.read(`weight-${slot}`).trim());
const up = (slot: string): string[] => host.up(slot);
const whole = ["web", "celery", "celery-beat", "nginx"];
const short = (revision: string): string => digestOf(`bundle${revision[0]}`).slice(7, 19);
const told = (): string[] => host.read("calls").split("\n");
/** Old release alone: nothing of the other has a request. */
const alone = { current: "slots/blue", weights: ["100", "0"], record: [], blue: whole };
const seen = (): object => ({ current: current(), weights: weights(), record: record(), blue: up("blue") });

test("so many of a hundred go to the new slot, without what takes its work from elsewhere; the old one stays on record", async () => {
  const ran = await weigh(2, 1, 5);
  expect(ran).toMatchObject({ code: 0, stderr: "" });
  expect(parseSummary(ran.stdout)).toMatchObject({ action: "weigh", ok: true, now: "both", changed: true });
  expect({ current: current(), weights: weights(), blue: up("blue"), green: up("green") }).toEqual({
    current: "slots/blue",
    weights: ["95", "5"],
    blue: whole,
    green: ["web", "nginx"],
  });
  expect(record().slice(0, 4)).toEqual(["2", short(revisions.next), "1", "5"]);
  expect(told().filter((call) => call.includes(" run --rm --no-deps"))).toHaveLength(1);
});

test("files with a hash in their name are asked of the slot that most requests go to, and not of whichever has a part", async () => {
  await weigh(2, 1, 5);
  const [edge = ""] = readdirSync(join(host.state, "edges"));
  const config = readFileSync(join(host.root, "edge", `${edge}.cfg`), "utf8");
  for (const slot of ["blue", "green"])
    expect(config).toContain(`use-server ${slot} if { srv_uweight(slots_1/${slot}) ge 50 }\n`);
  // How long an answer took is told with the slot that gave it.
  expect(config).toContain("%Ta %Td %b/%s");
});

test("the next step only turns the weights: nothing is fetched, made or migrated again", async () => {
  await weigh(2, 1, 5);
  host.set("calls", "");
  expect((await weigh(2, 2, 25)).code).toBe(0);
  expect({ weights: weights(), step: record().slice(2, 4) }).toEqual({ weights: ["75", "25"], step: ["2", "25"] });
  expect(told().filter((call) => /^pull| down| run --rm|--no-start/.test(call))).toEqual([]);
});

test("with all requests it is the switch: workers and singletons first run then, and the record is gone", async () => {
  await weigh(2, 1, 5);
  host.set("calls", "");
  const ran = await deploy(2, revisions.next);
  expect(parseSummary(ran.stdout)).toMatchObject({ ok: true, now: "new", current: { slot: "green" } });
  expect({ current: current(), weights: weights(), record: record(), blue: up("blue"), green: up("green") }).toEqual({
    current: "slots/green",
    weights: ["0", "100"],
    record: [],
    blue: [],
    green: whole,
  });
  expect(told().filter((call) => /^pull| run --rm|--no-start/.test(call))).toEqual([]);
});

test("another deployment goes on with it, and what was counted for the same step counts on", async () => {
  await weigh(2, 1, 5);
  const [, , , , edge, since, ...tally] = record();
  expect((await weigh(3, 1, 5)).code).toBe(0);
  expect(record()).toEqual(["3", short(revisions.next), "1", "5", edge, since, ...tally]);
  expect((await weigh(4, 2, 25)).code).toBe(0);
  expect(record()[5]).not.toBe(since);
});

test("a step that comes late is refused, and turns nothing back", async () => {
  await weigh(2, 2, 25);
  const ran = await weigh(2, 1, 5);
  expect(parseSummary(ran.stdout)).toMatchObject({ ok: false, code: 11, message: expect.stringContaining("step 2") });
  expect(weights()).toEqual(["75", "25"]);
  await host.run(host.restoreScript(2));
  expect(parseSummary((await weigh(2, 3, 50)).stdout)).toMatchObject({ ok: false, code: 11 });
  expect(weights()).toEqual(["100", "0"]);
});

describe("every way back sends all requests to what serves first", () => {
  test("brought back", async () => {
    await weigh(2, 1, 5);
    host.set("calls", "");
    expect(parseSummary((await host.run(host.restoreScript(2))).stdout)).toMatchObject({ ok: true, now: "old" });
    expect(seen()).toEqual(alone);
    expect(up("green")).toEqual([]);
    const calls = told();
    const steered = calls.findIndex((call) => call.includes("set weight slots_1/blue 100"));
    expect(steered).toBeGreaterThan(-1);
    // Nobody waits for docker, disk and network to be looked at.
    expect(calls.findIndex((call) => call.startsWith("version"))).toBeGreaterThan(steered);
  });

  test("rolled back to what serves, by another deployment", async () => {
    await weigh(2, 1, 5);
    expect(parseSummary((await deploy(3, revisions.old, { migrate: undefined, asItWas: true })).stdout)).toMatchObject({
      ok: true,
      now: "new",
    });
    expect(seen()).toEqual(alone);
  });

  test("a third release: the slot is emptied only after its requests have ended", async () => {
    await weigh(2, 1, 5);
    host.set("calls", "");
    expect(parseSummary((await deploy(3, revisions.third)).stdout)).toMatchObject({ ok: true, now: "new" });
    const calls = told();
    const order = ["set weight slots_1/blue 100", "drain green", "-p app-green down"].map((text) =>
      calls.findIndex((call) => call.includes(text)),
    );
    expect(order).not.toContain(-1);
    expect(order).toEqual(order.toSorted((one, other) => one - other));
    expect(record()).toEqual([]);
  });

  test("a release that does not come up gets no request", async () => {
    host.set("unhealthy", `web ${revisions.next}\n`);
    expect(parseSummary((await weigh(2, 1, 5, { pause: 0.2 })).stdout)).toMatchObject({
      ok: false,
      code: 15,
      now: "old",
      rolledBack: true,
    });
    expect(seen()).toEqual(alone);
    expect(told().filter((call) => call.includes("slots_1/green 5"))).toEqual([]);
  });

  test("an edge that is not told", async () => {
    host.set("fail-steer", "");
    const ran = await weigh(2, 1, 5);
    host.unset("fail-steer");
    expect(parseSummary(ran.stdout)).toMatchObject({
      ok: false,
      message: expect.stringContaining("5 of 100 requests"),
    });
    expect({ current: current(), green: up("green") }).toEqual({ current: "slots/blue", green: [] });
  });
});

test("a power cut before the edge is told, or after, leads back to one release, by going on or by going back", async () => {
  const back = [host.restoreScript(2), revisions.old] as const;
  for (const [fails, ends] of [
    ["2 after", back],
    ["4 before", back],
    ["4 after", [host.deployScript(2, revisions.next, workers), revisions.next] as const],
  ] as const) {
    await host.withOldRelease();
    const script = host.deployScript(2, revisions.next, { ...workers, share: { step: 1, weight: 5 } });
    host.set("power-fails", `${fails}\n`);
    await host.run(script);
    // The edge has started anew, from the record alone.
    for (const slot of ["blue", "green"]) host.unset(`weight-${slot}`);
    host.set("serves", current().replace("slots/", ""));
    expect(current()).toBe("slots/blue");
    host.deployScript(2, revisions.next);
    expect(parseSummary((await host.run(ends[0])).stdout)).toMatchObject({ ok: true });
    expect(host.read(`release-${current().replace("slots/", "")}`)).toBe(ends[1]);
    expect(record()).toEqual([]);
  }
});

test("status tells who has how much since when, by the edge's own count; and of the slot that serves", async () => {
  await weigh(2, 1, 5);
  const ran = await host.run(host.statusScript());
  expect(said(ran)).toMatchObject({
    weighed: {
      number: 2,
      step: 1,
      weight: 5,
      revision: revisions.next,
      slots: { asked: expect.stringMatching(/ slots \d+ blue 300 2 40 0$/) },
    },
    served: { asked: expect.stringMatching(/ served blue none 300 2 40 0$/) },
  });
  await deploy(2, revisions.next);
  expect(said(await host.run(host.statusScript()))).toMatchObject({
    weighed: null,
    served: { asked: expect.stringMatching(/ served green 200,1 300 2 40 0$/) },
  });
});

test("a record that is torn stands in nobody's way: the edge is told to send everything to what serves", async () => {
  await weigh(2, 1, 5);
  writeFileSync(join(host.root, "weighed"), "");
  expect(said(await host.run(host.statusScript()))).toMatchObject({ weighed: null });
  expect((await weigh(3, 1, 5)).code).toBe(0);
  expect(weights()).toEqual(["95", "5"]);
});
