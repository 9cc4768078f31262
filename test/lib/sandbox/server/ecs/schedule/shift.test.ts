import { describe, expect, test } from "vitest";
import { scale } from "../../../../../../src/lib/sandbox/server/ecs/schedule/change.ts";
import type { DeploymentConfiguration } from "../../../../../../src/lib/sandbox/server/ecs/schedule/configuration.ts";
import { alternateShare, changeShift } from "../../../../../../src/lib/sandbox/server/ecs/schedule/shift.ts";
import { type HookAction, stages } from "../../../../../../src/lib/sandbox/server/ecs/schedule/configuration.ts";
import type { HookRun } from "../../../../../../src/lib/sandbox/server/ecs/schedule/shift-state.ts";
import { cannotStart, well, world, type World } from "./world.ts";

// What ECS does where it shifts requests from old tasks to new ones, by the developer guide's pages on blue/green, linear and canary
// deployments and on pause hooks, in seconds of a simulated clock.

const base = {
  minimumHealthyPercent: 100,
  maximumPercent: 200,
  deploymentCircuitBreaker: { enable: false, rollback: false },
};
const blueGreen = { ...base, strategy: "BLUE_GREEN", bakeTimeInMinutes: 5 } as const;
const pauseAt = (...lifecycleStages: readonly (typeof stages)[number][]) =>
  ({ targetType: "PAUSE", lifecycleStages }) as const;
const tell = (w: World, configuration: DeploymentConfiguration): void => w.change((one) => ({ ...one, configuration }));

function stable(configuration: DeploymentConfiguration, count = 2): World {
  const w = world(count, { configuration: { ...configuration, lifecycleHooks: [] } });
  w.deploy("web:1");
  w.until(() => w.service.history[0]?.status === "SUCCESSFUL");
  tell(w, configuration);
  return w;
}
const shift = (w: World) => w.service.history[0]?.shift;
const stage = (w: World) => shift(w)?.stage;
const status = (w: World) => w.service.history[0]?.status;
const waits = (w: World) => shift(w)?.runs.find((run) => run.status === "AWAITING_ACTION");
const ended = (w: World) => w.service.history[0]?.finishedAt !== undefined;
function resolve(w: World, action: HookAction): void {
  const id = waits(w)?.id;
  const to: HookRun["status"] = action === "CONTINUE" ? "SUCCEEDED" : "FAILED";
  const runs = (shift(w)?.runs ?? []).map((run) => (run.id === id ? { ...run, status: to } : run));
  w.change((one) => changeShift(one, one.history[0]?.id ?? "", { runs }));
}
const requestBack = (w: World): void =>
  w.change((one) => ({
    ...one,
    history: one.history.map((each, n) => (n === 0 ? { ...each, status: "ROLLBACK_REQUESTED" as const } : each)),
  }));

/** What is seen on the way, each once: stage, percent of the new one, its tasks and those of the old one. */
function wayOf(w: World): readonly string[] {
  const seen: string[] = [];
  w.until(() => {
    const now = `${stage(w)} ${shift(w)?.production}`;
    if (seen.at(-1) !== now) seen.push(now);
    return ended(w);
  });
  return seen;
}

test("a blue/green deployment goes through its stages, and keeps all old tasks until it has baked", () => {
  const w = stable(blueGreen);
  w.deploy("web:2");
  const healthy: Record<string, string> = {};
  const seen: string[] = [];
  w.until(() => {
    const at = stage(w) ?? "";
    if (seen.at(-1) !== at) seen.push(at);
    if (!ended(w))
      healthy[at] = `${w.healthy("web:1")} ${w.healthy("web:2")} ${shift(w)?.production} ${shift(w)?.test}`;
    return ended(w);
  });
  expect(seen).toEqual(stages.filter((one) => one !== "RECONCILE_SERVICE"));
  expect(healthy["POST_SCALE_UP"]).toBe("2 2 0 0");
  expect(healthy["POST_TEST_TRAFFIC_SHIFT"]).toBe("2 2 0 100");
  expect(healthy["BAKE_TIME"]).toBe("2 2 100 100");
  expect([status(w), w.alive("web:1"), w.alive("web:2")]).toEqual(["SUCCESSFUL", 0, 2]);
  expect(w.service.deployments.map(({ definition }) => definition)).toEqual(["web:2"]);
});

test("both target groups take turns, and a service's first deployment has nobody to bake beside", () => {
  const w = world(1, { configuration: blueGreen });
  w.deploy("web:1");
  expect(w.until(() => ended(w))).toBeLessThan(60);
  expect(alternateShare(w.service)).toEqual({ production: 0, test: 0 });
  w.deploy("web:2");
  w.until(() => stage(w) === "POST_TEST_TRAFFIC_SHIFT");
  expect(alternateShare(w.service)).toEqual({ production: 0, test: 100 });
  expect(w.until(() => ended(w))).toBeGreaterThan(299);
  expect(alternateShare(w.service)).toEqual({ production: 100, test: 100 });
  w.deploy("web:3");
  w.until(() => stage(w) === "POST_TEST_TRAFFIC_SHIFT");
  expect(alternateShare(w.service)).toEqual({ production: 100, test: 0 });
  w.until(() => ended(w));
  expect(alternateShare(w.service).production).toBe(0);
});

test.each([
  ["CANARY", { canaryConfiguration: { canaryPercent: 12.5, canaryBakeTimeInMinutes: 1 } }, [0, 12.5, 100], 60],
  ["CANARY", {}, [0, 5, 100], 600],
  ["LINEAR", { linearConfiguration: { stepPercent: 40, stepBakeTimeInMinutes: 1 } }, [0, 40, 80, 100], 120],
  ["LINEAR", {}, [0, 10, 20, 30, 40, 50, 60, 70, 80, 90, 100], 3240],
] as const)("%s %o shifts by %j", (strategy, more, percents, seconds) => {
  const w = stable({ ...base, strategy, ...more });
  w.deploy("web:2");
  w.until(() => stage(w) === "PRE_PRODUCTION_TRAFFIC_SHIFT");
  const before = w.service.history[0]?.updatedAt ?? 0;
  const way = wayOf(w);
  expect([...new Set(way.map((one) => Number(one.split(" ")[1])))]).toEqual(percents);
  expect(way.filter((one) => one.startsWith("PRODUCTION"))).toHaveLength(percents.length - 1);
  // After all there is no more looking, but for the bake time, which is 0.
  const took = (w.service.history[0]?.finishedAt ?? 0) - before;
  expect(took).toBeGreaterThanOrEqual(seconds);
  expect(took).toBeLessThan(seconds + 60);
});

describe("a pause", () => {
  test("lasts until somebody answers, and the deployment goes on where it was", () => {
    const w = stable({ ...blueGreen, lifecycleHooks: [pauseAt("POST_TEST_TRAFFIC_SHIFT")] });
    w.deploy("web:2");
    w.until(() => waits(w) !== undefined);
    w.pass(600);
    expect([stage(w), shift(w)?.production, status(w)]).toEqual(["POST_TEST_TRAFFIC_SHIFT", 0, "IN_PROGRESS"]);
    resolve(w, "CONTINUE");
    w.until(() => ended(w));
    expect(status(w)).toBe("SUCCESSFUL");
  });

  test("comes at every step of a canary, each under another id", () => {
    const w = stable({ ...base, strategy: "CANARY", lifecycleHooks: [pauseAt("PRE_PRODUCTION_TRAFFIC_SHIFT")] });
    w.deploy("web:2");
    const ids: (string | undefined)[] = [];
    for (const percent of [0, 5]) {
      w.until(() => waits(w) !== undefined);
      ids.push(waits(w)?.id);
      expect(shift(w)?.production).toBe(percent);
      resolve(w, "CONTINUE");
    }
    w.until(() => ended(w));
    expect([status(w), new Set(ids).size]).toEqual(["SUCCESSFUL", 2]);
  });

  test("waits for every hook of its stage, and any that says so goes back", () => {
    const hook = pauseAt("PRE_SCALE_UP");
    const w = stable({ ...blueGreen, lifecycleHooks: [hook, hook] });
    w.deploy("web:2");
    w.until(() => waits(w) !== undefined);
    expect(shift(w)?.runs).toHaveLength(2);
    resolve(w, "CONTINUE");
    w.pass(60);
    expect([stage(w), w.alive("web:2")]).toEqual(["PRE_SCALE_UP", 0]);
    resolve(w, "ROLLBACK");
    w.until(() => ended(w));
    expect([status(w), w.alive("web:1"), w.alive("web:2")]).toEqual(["ROLLBACK_SUCCESSFUL", 2, 0]);
  });

  test.each([
    ["ROLLBACK", {}, "ROLLBACK_SUCCESSFUL"],
    ["CONTINUE", { action: "CONTINUE" as const }, "SUCCESSFUL"],
  ])("that nobody answers comes to %s", (_, action, end) => {
    const lifecycleHooks = [{ ...pauseAt("POST_SCALE_UP"), timeoutConfiguration: { timeoutInMinutes: 10, ...action } }];
    const w = stable({ ...blueGreen, lifecycleHooks });
    w.deploy("web:2");
    w.until(() => waits(w) !== undefined);
    w.pass(590);
    expect(waits(w)).toBeDefined();
    w.until(() => ended(w));
    expect([status(w), shift(w)?.runs.map((run) => run.status)]).toEqual([end, ["TIMED_OUT"]]);
  });
});

describe("a way back", () => {
  test("is one step while the old tasks are there: requests go first, and the new tasks end then", () => {
    const w = stable(blueGreen);
    const { id } = w.primary;
    w.deploy("web:2");
    w.until(() => stage(w) === "BAKE_TIME");
    requestBack(w);
    w.tick();
    expect([status(w), shift(w)?.production, w.healthy("web:1")]).toEqual(["ROLLBACK_IN_PROGRESS", 0, 2]);
    w.until(() => ended(w));
    expect([status(w), w.primary.id, w.alive("web:2")]).toEqual(["ROLLBACK_SUCCESSFUL", id, 0]);
    // And the next one goes to the group that is free.
    w.deploy("web:3");
    w.until(() => ended(w));
    expect([status(w), alternateShare(w.service).production]).toEqual(["SUCCESSFUL", 100]);
  });

  test("waits for old tasks that have begun to end, and the new ones serve meanwhile", () => {
    const w = stable(blueGreen);
    w.fare("web:1", { ...well, stops: 60 });
    w.deploy("web:2");
    w.until(() => stage(w) === "CLEAN_UP" && w.healthy("web:1") === 0);
    requestBack(w);
    w.tick();
    expect([shift(w)?.production, w.healthy("web:2")]).toEqual([100, 2]);
    w.until(() => shift(w)?.production === 0);
    expect(w.healthy("web:1")).toBe(2);
    w.until(() => ended(w));
    expect([status(w), w.alive("web:2")]).toEqual(["ROLLBACK_SUCCESSFUL", 0]);
  });

  test("is what an alarm comes to, too", () => {
    const alarms = { enable: true, rollback: true, alarmNames: ["errors"] };
    const w = stable({ ...blueGreen, alarms });
    w.deploy("web:2");
    w.until(() => stage(w) === "BAKE_TIME");
    w.alarm("errors");
    w.tick();
    expect([status(w), shift(w)?.production]).toEqual(["ROLLBACK_IN_PROGRESS", 0]);
  });

  test("is taken from tasks that never come up after a day, since no breaker looks at them", () => {
    const w = stable(blueGreen);
    const { id } = w.deploy("web:2", cannotStart);
    w.pass(600);
    expect([status(w), stage(w), w.healthy("web:1")]).toEqual(["IN_PROGRESS", "SCALE_UP", 2]);
    w.change((one) => changeShift(one, id, { since: (shift(w)?.since ?? 0) - 24 * 3600 + 700 }));
    w.tick();
    expect(status(w)).toBe("IN_PROGRESS");
    w.until(() => ended(w));
    expect(status(w)).toBe("ROLLBACK_SUCCESSFUL");
  });
});

test("a newer deployment takes an older one's place: its tasks are gone first, and the old ones serve all the while", () => {
  const w = stable(blueGreen);
  const first = w.deploy("web:2");
  w.until(() => stage(w) === "BAKE_TIME");
  w.deploy("web:3");
  w.tick();
  expect([w.history(first.id)?.status, stage(w)]).toEqual(["STOPPED", "RECONCILE_SERVICE"]);
  expect([shift(w)?.production, alternateShare(w.service).production]).toEqual([0, 0]);
  w.until(() => stage(w) !== "RECONCILE_SERVICE");
  expect([w.alive("web:2"), w.healthy("web:1")]).toEqual([0, 2]);
  w.until(() => ended(w));
  expect([status(w), w.alive(), w.alive("web:3")]).toEqual(["SUCCESSFUL", 2, 2]);
});

test("one that has come to its last stage serves, and is what the next one goes back to", () => {
  const w = stable(blueGreen);
  w.deploy("web:2");
  w.fare("web:1", { ...well, stops: 600 });
  w.until(() => stage(w) === "CLEAN_UP");
  w.deploy("web:3");
  expect(alternateShare(w.service).production).toBe(100);
  w.until(() => stage(w) === "BAKE_TIME");
  requestBack(w);
  w.until(() => ended(w));
  expect([w.primary.definition, w.alive("web:2"), w.alive("web:3")]).toEqual(["web:2", 2, 0]);
});

test("both have as many tasks as the service is told to have, and each replaces its own", () => {
  const w = stable({ ...blueGreen, lifecycleHooks: [pauseAt("POST_SCALE_UP")] }, 1);
  w.deploy("web:2");
  w.until(() => waits(w) !== undefined);
  w.change((one) => scale(one, 3));
  w.until(() => w.healthy("web:1") === 3 && w.healthy("web:2") === 3);
  const had = w.tasks.length;
  w.fare("web:1", { runs: 1, ends: 5, stops: 1 });
  w.until(() => w.tasks.length === had + 3);
  w.fare("web:1", well);
  w.until(() => w.healthy("web:1") === 3 && w.alive("web:2") === 3);
  w.change((one) => scale(one, 1));
  w.until(() => w.alive("web:1") === 1 && w.alive("web:2") === 1);
  resolve(w, "CONTINUE");
  w.until(() => ended(w));
  expect([w.alive("web:1"), w.alive("web:2")]).toEqual([0, 1]);
});
