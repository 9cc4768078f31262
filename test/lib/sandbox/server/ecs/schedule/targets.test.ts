import { describe, expect, test } from "vitest";
import { isDrained, moveTargets } from "../../../../../../src/lib/sandbox/server/ecs/schedule/targets.ts";
import type { Target, Task } from "../../../../../../src/lib/sandbox/server/ecs/schedule/task.ts";

const rules = { arn: "tg", healthyCount: 3, unhealthyCount: 2, delaySeconds: 10 };
const task = (target: Partial<Target>, more: Partial<Task> = {}): Task => ({
  id: "t",
  cluster: "main",
  definition: "web:1",
  group: "service:web",
  startedBy: "ecs-svc/1",
  launchType: "FARGATE",
  desiredStatus: "RUNNING",
  lastStatus: "RUNNING",
  healthStatus: "UNKNOWN",
  checked: false,
  createdAt: 0,
  containers: [],
  overrides: {},
  tags: [],
  enableExecuteCommand: false,
  addresses: { 80: "10.0.0.1:40000" },
  targets: [{ group: "tg", port: 80, state: "initial", passed: false, inRow: 0, ...target }],
  ...more,
});
/** The states that checks lead to, one after the other. */
function statesAfter(state: Target["state"], checks: string): readonly string[] {
  let now = task({ state });
  return checks.split("").map((one) => {
    const check = { task: "t", group: "tg", passed: one === "+" };
    now = moveTargets(now, { groups: [rules], checks: [check], now: 5 })?.task ?? now;
    return now.targets?.[0]?.state ?? "";
  });
}

describe("a target", () => {
  test("that is new is healthy after its first check that passes, and unhealthy after as many as its group wants", () => {
    expect(statesAfter("initial", "+")).toEqual(["healthy"]);
    expect(statesAfter("initial", "--")).toEqual(["initial", "unhealthy"]);
    expect(statesAfter("initial", "-+")).toEqual(["initial", "healthy"]);
  });

  test("changes by checks in a row alone", () => {
    expect(statesAfter("healthy", "-+--")).toEqual(["healthy", "healthy", "healthy", "unhealthy"]);
    expect(statesAfter("unhealthy", "++-+++")).toEqual([...Array<string>(5).fill("unhealthy"), "healthy"]);
  });

  test("is not registered before it runs and can be reached", () => {
    const moment = { groups: [rules], checks: [], now: 5 };
    const unused = { state: "unused" } as const;
    expect(moveTargets(task(unused, { lastStatus: "ACTIVATING" }), moment)).toBeUndefined();
    expect(moveTargets(task(unused, { addresses: {} }), moment)).toBeUndefined();
    expect(moveTargets(task(unused), moment)?.said).toEqual(["registered 1 targets in (target-group tg)"]);
  });

  test("of a task that died is out at once, and of one that nobody registered there is nothing to tell", () => {
    const moment = { groups: [rules], checks: [], now: 5 };
    const dead = { lastStatus: "STOPPED", desiredStatus: "STOPPED" } as const;
    const moved = moveTargets(task({ state: "healthy" }, dead), moment);
    expect(moved?.said).toEqual(["deregistered 1 targets in (target-group tg)"]);
    expect(moved?.task.targets?.[0]?.state).toBe("unused");
    expect(moveTargets(task({ state: "unused" }, dead), moment)).toBeUndefined();
    expect(moveTargets(task({ state: "draining" }, dead), moment)?.said).toEqual([]);
  });

  test("is let go after its delay, and at once where its group is no longer there", () => {
    const leaving = task({ state: "draining", since: 100 }, { desiredStatus: "STOPPED" });
    expect(isDrained(leaving, { groups: [rules], now: 109 })).toBe(false);
    expect(isDrained(leaving, { groups: [rules], now: 110 })).toBe(true);
    expect(isDrained(leaving, { groups: [], now: 101 })).toBe(true);
    expect(isDrained(task({ state: "healthy" }), { groups: [], now: 101 })).toBe(true);
    expect(isDrained(task({ state: "healthy" }), { groups: [rules], now: 999 })).toBe(false);
  });
});
