import { describe, expect, test } from "vitest";
import { cannotStart, neverHealthy, well, world, type World } from "./world.ts";

// What ECS's scheduler does, by the developer guide's pages on rolling updates and its circuit breaker, in seconds of a simulated clock.

const completed = (w: World) => () => w.primary.rolloutState === "COMPLETED" && w.service.deployments.length === 1;
function stable(count = 2, wanted: Parameters<typeof world>[1] = {}): World {
  const w = world(count, wanted);
  w.deploy("web:1");
  w.until(completed(w));
  return w;
}

test("the first deployment ends SUCCESSFUL, and its service says so", () => {
  const w = world(2);
  const begun = w.deploy("web:1");
  expect(begun).toMatchObject({ status: "PENDING", sourceRevisions: [] });
  w.tick();
  expect(w.history(begun.id)).toMatchObject({ status: "IN_PROGRESS", breaker: "MONITORING", threshold: 3 });
  w.until(completed(w));
  expect(w.history(begun.id)).toMatchObject({ status: "SUCCESSFUL", breaker: "MONITORING_COMPLETE" });
  expect(w.primary.rolloutStateReason).toBe(`ECS deployment ${w.primary.id} completed.`);
  expect(w.events().slice(0, 2)).toEqual([
    `(service web) (deployment ${w.primary.id}) deployment completed.`,
    "(service web) has reached a steady state.",
  ]);
});

test("a release replaces another without a moment of fewer healthy tasks than wanted, and both are listed meanwhile", () => {
  const w = stable();
  w.deploy("web:2");
  const seen = new Set<string>();
  w.until(() => {
    expect(w.healthy()).toBeGreaterThanOrEqual(2);
    expect(w.alive()).toBeLessThanOrEqual(4);
    seen.add(w.service.deployments.map(({ definition }) => definition).join(" "));
    return completed(w)();
  });
  expect([...seen]).toEqual(["web:2 web:1", "web:2"]);
  expect([w.alive("web:1"), w.alive("web:2")]).toEqual([0, 2]);
});

test("with 0 and 100 percent of one the old task is gone before the new one begins", () => {
  const w = stable(1, { configuration: { minimumHealthyPercent: 0, maximumPercent: 100 } });
  w.fare("web:1", { ...well, stops: 90 });
  w.deploy("web:2");
  w.until(() => {
    expect(w.alive()).toBeLessThanOrEqual(1);
    return completed(w)();
  });
});

test.each([
  [1, { minimumHealthyPercent: 100, maximumPercent: 100 }],
  [1, { minimumHealthyPercent: 100, maximumPercent: 134 }],
  [2, { minimumHealthyPercent: 100, maximumPercent: 134 }],
])("limits that let nothing start or stop hang, and an event says so once: %s of %o", (count, configuration) => {
  const w = stable(count, { configuration });
  w.deploy("web:2");
  w.pass(600);
  expect([w.alive("web:1"), w.alive("web:2"), w.primary.rolloutState]).toEqual([count, 0, "IN_PROGRESS"]);
  const stuck = w.events().filter((one) => one.includes("was unable to stop or start tasks during a deployment"));
  expect(stuck).toHaveLength(1);
});

test("without a check a task counts after 40 seconds, however sick its application is", () => {
  const w = stable(1, { checked: false });
  const { id } = w.deploy("web:2", { runs: 2 });
  expect(w.until(completed(w))).toBeGreaterThan(41);
  expect(w.history(id)?.status).toBe("SUCCESSFUL");
});

describe("the circuit breaker", () => {
  test.each([
    ["tasks that never run", cannotStart],
    ["tasks that fail their checks", neverHealthy],
  ])("goes back after %s", (_, fate) => {
    const w = stable();
    const { id: good } = w.primary;
    const { id, deployment } = w.deploy("web:2", fate);
    w.until(() => w.history(id)?.status === "ROLLBACK_IN_PROGRESS");
    expect(w.primary).toMatchObject({ id: good, definition: "web:1", rolloutState: "IN_PROGRESS" });
    expect(w.primary.rolloutStateReason).toBe(`ECS deployment circuit breaker: rolling back to deploymentId ${good}.`);
    expect(w.service.deployments.find((one) => one.id === deployment)).toMatchObject({
      rolloutState: "FAILED",
      rolloutStateReason: "ECS deployment circuit breaker: tasks failed to start.",
    });
    w.until(completed(w));
    expect(w.history(id)).toMatchObject({
      status: "ROLLBACK_SUCCESSFUL",
      breaker: "TRIGGERED",
      rollback: { reason: "Service deployment rolled back because the circuit breaker threshold was exceeded." },
    });
    expect([w.healthy("web:1"), w.alive("web:2")]).toEqual([2, 0]);
    const said = w.events();
    expect(said).toContain(`(service web) (deployment ${deployment}) deployment failed: tasks failed to start.`);
    expect(said).toContain(`(service web) rolling back to deployment ${good}.`);
  });

  test("stalls where a further release fails before the way back is COMPLETED: there is nothing to go back to", () => {
    const w = stable();
    const { id: first } = w.deploy("web:2", cannotStart);
    w.fare("web:1", { ...well, healthy: 10_000 });
    w.until(() => w.history(first)?.status === "ROLLBACK_IN_PROGRESS");
    const { id } = w.deploy("web:3", cannotStart);
    w.until(() => w.history(id)?.finishedAt !== undefined);
    expect(w.history(id)).toMatchObject({
      status: "ROLLBACK_FAILED",
      statusReason: "No rollback candidate was found to run the rollback.",
    });
    w.pass(3_600);
    expect(w.primary).toMatchObject({ definition: "web:3", rolloutState: "FAILED" });
    expect(w.alive("web:3")).toBe(0);
  });

  test("without a way back stops to start, and leaves the tasks that there were", () => {
    const w = stable(2, { configuration: { deploymentCircuitBreaker: { enable: true, rollback: false } } });
    const { id } = w.deploy("web:2", cannotStart);
    w.until(() => w.history(id)?.status === "STOPPED");
    w.pass(600);
    expect([w.primary.rolloutState, w.alive("web:2"), w.healthy("web:1")]).toEqual(["FAILED", 0, 2]);
  });

  test("sees no failure in tasks that run and die", () => {
    const w = stable(1);
    const { id } = w.deploy("web:2", { runs: 2, ends: 4 });
    w.pass(300);
    expect(w.history(id)).toMatchObject({ status: "IN_PROGRESS", failures: 0 });
  });

  test("off, tasks that cannot start are tried for ever, at growing intervals", () => {
    const w = stable(1, { configuration: { deploymentCircuitBreaker: { enable: false, rollback: false } } });
    const { id } = w.deploy("web:2", cannotStart);
    w.pass(2 * 3_600);
    expect(w.history(id)?.status).toBe("IN_PROGRESS");
    const tries = w.tasks.filter(({ definition }) => definition === "web:2").map(({ createdAt }) => createdAt);
    const [before = 0, last = 0] = tries.slice(-2);
    expect(last - before).toBeGreaterThanOrEqual(900);
    expect(w.events()).toContain("(service web) is unable to consistently start tasks successfully.");
  });

  test.each([
    [1, {}, 3],
    [10, {}, 5],
    [1_000, {}, 200],
    [1, { type: "COUNT", value: 1 }, 1],
    [2, { type: "UNBOUNDED_PERCENT", value: 50 }, 1],
  ] as const)("of %s tasks with %o trips at %s", (count, threshold, expected) => {
    const thresholdConfiguration = "type" in threshold ? { thresholdConfiguration: threshold } : {};
    const w = world(count, {
      configuration: { deploymentCircuitBreaker: { enable: true, rollback: true, ...thresholdConfiguration } },
    });
    expect(w.deploy("web:1").threshold).toBe(expected);
  });
});

test("a newer deployment stops the one under way, and takes its place", () => {
  const w = stable();
  const { id: older } = w.deploy("web:2", { runs: 2 });
  w.pass(10);
  const { id } = w.deploy("web:3");
  expect(w.history(older)?.status).toBe("STOP_REQUESTED");
  w.tick();
  expect(w.history(older)?.status).toBe("STOPPED");
  expect(w.service.deployments.map(({ definition }) => definition)).toEqual(["web:3", "web:2", "web:1"]);
  w.until(completed(w));
  expect(w.history(id)?.status).toBe("SUCCESSFUL");
});

test("another number of tasks is no deployment", () => {
  const w = stable();
  const { id } = w.primary;
  w.scale(5);
  w.until(() => w.healthy() === 5);
  w.scale(1);
  w.until(() => w.alive() === 1);
  expect([w.primary.id, w.primary.rolloutState, w.service.history.length]).toEqual([id, "COMPLETED", 1]);
});

test("a sick task is replaced by one of its own revision, and stopped when that is there", () => {
  const w = stable();
  w.fare("web:1", { runs: 1, healthy: 2, unhealthy: 6, stops: 1 });
  w.tick();
  expect(w.alive()).toBe(4);
  w.tick();
  expect(w.tasks.filter(({ stoppedReason }) => stoppedReason === "Task failed container health checks")).toHaveLength(
    2,
  );
  expect(w.primary.rolloutState).toBe("COMPLETED");
});

describe("alarms", () => {
  const configuration = { alarms: { enable: true, rollback: true, alarmNames: ["errors"] }, bakeTimeInMinutes: 5 };

  test("keep a deployment IN_PROGRESS for its bake time, and send it back", () => {
    const w = stable(1, { configuration });
    const { id } = w.deploy("web:2");
    w.until(() => w.healthy("web:2") === 1 && w.alive() === 1);
    w.pass(200);
    expect(w.primary).toMatchObject({ definition: "web:2", rolloutState: "IN_PROGRESS" });
    w.alarm("errors");
    w.until(() => w.history(id)?.status === "ROLLBACK_IN_PROGRESS");
    w.until(completed(w));
    expect(w.primary.definition).toBe("web:1");
  });

  test("that are red when it begins are ignored", () => {
    const w = stable(1, { configuration });
    w.alarm("errors");
    const { id } = w.deploy("web:2");
    w.until(completed(w));
    expect(w.history(id)).toMatchObject({ status: "SUCCESSFUL", redAtStart: ["errors"], redNow: [] });
  });
});

test("a service that is deleted is INACTIVE once its last task is gone", () => {
  const w = stable();
  w.change((service) => ({ ...service, status: "DRAINING", desiredCount: 0 }));
  w.tick();
  expect(w.service.status).toBe("DRAINING");
  w.until(() => w.service.status === "INACTIVE");
  expect(w.alive()).toBe(0);
});
