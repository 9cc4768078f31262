import { DescribeTasksCommand, ListTasksCommand, StopTaskCommand } from "@aws-sdk/client-ecs";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import type { MemberOrder } from "../../../src/lib/fleet/target.ts";
import type { MemberVerdict } from "../../../src/lib/fleet/verdict.ts";
import type { Clock } from "../../../src/lib/clock/clock.ts";
import { hostCodes } from "../../../src/lib/script/host-codes.ts";
import { taskTarget } from "../../../src/lib/tasks/target.ts";
import { give, orderOf } from "./orders.ts";
import { type Fate, openWorld, type OpenWorld } from "./world.ts";

// What is run once a deployment: ECS says HTTP 200 where nothing runs, and has no exit code for what never ran.

let world: OpenWorld;
beforeEach(async () => {
  world = await openWorld();
});
afterEach(() => world.close());

const migrating = (fate: Fate, change: Partial<MemberOrder> = {}): Promise<MemberVerdict> => {
  world.state.fate = (task) => (task.startedBy === "threads/shop/prod/1" ? fate : "well");
  return give(world.target, orderOf(1, "one", { migrate: "migrate", ...change }));
};
const servicesMade = async (): Promise<boolean> => (await world.service("shop-prod-web")) !== undefined;
const tasks = async (desiredStatus: "RUNNING" | "STOPPED") => {
  const asked = { cluster: "shop", family: "shop-prod-migrate", desiredStatus };
  const { taskArns = [] } = await world.client.send(new ListTasksCommand(asked));
  if (taskArns.length === 0) return [];
  return (await world.client.send(new DescribeTasksCommand({ cluster: "shop", tasks: taskArns }))).tasks ?? [];
};
const { notMigrated } = hostCodes;

test("it is run before any service is told anything, once, however often the order comes", async () => {
  expect(await migrating("well")).toMatchObject({ end: "done", state: "new" });
  expect(await migrating("well")).toMatchObject({ end: "done", state: "new" });
  expect(await tasks("STOPPED")).toHaveLength(1);
});

describe("nothing is switched", () => {
  test.each<readonly [string, Fate, string]>([
    ["ends with a code", { exits: 4 }, "migrate ended with exit code 4"],
    ["was killed", { exits: 137 }, "exit code 137 (killed, after its time to stop or by the kernel)"],
    ["never ran, and so has no exit code", "cannot-pull", "migrate never ran: CannotPullContainerError"],
  ])("where it %s", async (_, fate, says) => {
    const verdict = await migrating(fate);
    expect(verdict).toMatchObject({ end: "failed", state: "old", code: notMigrated.exit, step: "migrate" });
    expect(verdict.says).toContain(says);
    expect(verdict.tail[0]).toMatch(/^task arn:aws:ecs:/);
    expect(await servicesMade()).toBe(false);
  });

  test("where it would never end: it is stopped when its time is up", async () => {
    const verdict = await migrating("stays", { limitMs: 120_000 });
    expect(verdict).toMatchObject({ end: "failed", state: "old", code: notMigrated.exit });
    expect(verdict.says).toContain("its time was up");
    expect(await tasks("RUNNING")).toEqual([]);
    expect((await tasks("STOPPED"))[0]).toMatchObject({ stopCode: "UserInitiated" });
  });

  test("where somebody cancels: it is stopped, too", async () => {
    const held = world.hold();
    const ended = migrating("stays");
    await held.begun;
    const cancelledAt = world.state.now;
    world.cancelNow.abort();
    held.go();
    expect(await ended).toMatchObject({ end: "cancelled", state: "old" });
    // By the world's own clock: at once, and not when its time would have been up.
    expect(world.state.now - cancelledAt).toBeLessThan(60_000);
    expect(await tasks("RUNNING")).toEqual([]);
    expect((await tasks("STOPPED"))[0]?.stoppedReason).toBe("threads: it was cancelled");
    expect(await servicesMade()).toBe(false);
  });

  test("where ECS has no place for it and says HTTP 200", async () => {
    await world.sandbox.settings({ placementFailures: ["AGENT"] });
    const verdict = await migrating("well");
    expect(verdict).toMatchObject({ end: "failed", state: "old", code: notMigrated.exit });
    expect(verdict.says).toContain("ECS found no place for it (AGENT)");
    expect(await servicesMade()).toBe(false);
  });
});

test("it waits for a place where a cluster may still grow", async () => {
  await world.sandbox.settings({ placementFailures: ["RESOURCE:MEMORY", "RESOURCE:CPU"] });
  expect(await migrating("well")).toMatchObject({ end: "done", state: "new" });
});

test("it is not taken for gone while ECS does not know it yet", async () => {
  await world.sandbox.settings({ tasksHiddenMs: 20_000 });
  expect(await migrating("well")).toMatchObject({ end: "done", state: "new" });
});

test("of what ECS never tells of, nobody says how it ended", async () => {
  await world.sandbox.settings({ tasksHiddenMs: 10 * 60_000 });
  await expect(migrating("well")).rejects.toMatchObject({ code: "SEND_UNKNOWN", outcome: "unknown" });
  expect(await servicesMade()).toBe(false);
});

test("a lost reply begins it no second time", async () => {
  await world.sandbox.settings({ faults: [{ operation: "RunTask", kind: "drop-reply", times: 1, skip: 0 }] });
  expect(await migrating("well")).toMatchObject({ end: "done", state: "new" });
  expect(await tasks("STOPPED")).toHaveLength(1);
});

describe("after a deployment that did not end", () => {
  const next = (word: string, goesOnWith: readonly number[]) =>
    give(world.target, orderOf(2, word, { migrate: "migrate", goesOnWith }));

  test.each<readonly [string, Fate, string, readonly number[], number]>([
    ["is not run again where it has ended well", "well", "one", [1], 1],
    ["is run again where it has failed", { exits: 4 }, "one", [1], 2],
    ["is run where that was of another release", "well", "two", [1], 2],
    ["is run where that has come to its end", "well", "one", [], 2],
    ["is run where it was another one that did not end", "well", "one", [7], 2],
  ])("it %s", async (_, fate, word, goesOnWith, count) => {
    await migrating(fate);
    expect(await next(word, goesOnWith)).toMatchObject({ end: "done", state: "new" });
    expect(await tasks("STOPPED")).toHaveLength(count);
  });

  const killed = async (): Promise<void> => {
    world.state.fate = () => "stays";
    const clock: Clock = { ...world.ports.clock, sleep: () => Promise.reject(new Error("killed")) };
    const target = taskTarget(world.environment, { ...world.ports, clock });
    await expect(give(target, orderOf(1, "one", { migrate: "migrate" }))).rejects.toThrow("killed");
    world.state.fate = () => "well";
  };

  test("it is waited for where it is at work, and no second one runs beside it", async () => {
    await killed();
    expect(await next("one", [1])).toMatchObject({ end: "done", state: "new" });
    expect(await tasks("STOPPED")).toHaveLength(1);
  });

  test("it keeps everybody out who does not go on with that", async () => {
    await killed();
    const verdict = await next("two", []);
    expect(verdict).toMatchObject({ end: "failed", state: "old", code: hostCodes.busy.exit });
    expect(verdict.says).toContain("threads/shop/prod/1 runs arn:aws:ecs:");
    expect(await servicesMade()).toBe(false);
  });

  /** It was told to end, and has not yet: ECS lists it with those that are over. */
  const stopping = async (): Promise<void> => {
    await killed();
    const [task] = await tasks("RUNNING");
    await world.client.send(new StopTaskCommand({ cluster: "shop", task: task?.taskArn }));
    expect(await tasks("RUNNING")).toEqual([]);
    expect((await tasks("STOPPED"))[0]?.lastStatus).not.toBe("STOPPED");
  };

  test("it keeps others out until it has ended where it is being stopped, and is seen by who looks", async () => {
    await stopping();
    const [seen] = await world.target.look(await world.target.members(), new AbortController().signal);
    expect(seen?.summary?.busy).toBe(true);
    const verdict = await next("two", []);
    expect(verdict).toMatchObject({ end: "failed", state: "old", code: hostCodes.busy.exit });
    expect(verdict.says).toContain("threads/shop/prod/1 runs arn:aws:ecs:");
    expect(await tasks("STOPPED")).toHaveLength(1);
  });

  test("it is waited for where it is being stopped, and run anew after its end", async () => {
    await stopping();
    expect(await next("one", [1])).toMatchObject({ end: "done", state: "new" });
    await oneAfterTheOther();
  });

  test("another release's is waited for, and does not stand for its own", async () => {
    await killed();
    expect(await next("two", [1])).toMatchObject({ end: "done", state: "new" });
    await oneAfterTheOther();
  });

  test("another release's that ends well as time is up does not stand for its own either", async () => {
    await killed();
    const verdict = await give(
      world.target,
      orderOf(2, "two", { migrate: "migrate", goesOnWith: [1], limitMs: 1_000 }),
    );
    expect(verdict).toMatchObject({ end: "failed", state: "old", code: notMigrated.exit, step: "migrate" });
    expect(verdict.says).toContain("migrate was not run: that of a deployment before has only ended now");
    expect(await tasks("STOPPED")).toHaveLength(1);
    expect(await servicesMade()).toBe(false);
  });

  test("where somebody cancels meanwhile none is run", async () => {
    await stopping();
    const held = world.hold();
    const ended = next("one", [1]);
    await held.begun;
    world.cancelNow.abort();
    held.go();
    expect(await ended).toMatchObject({ end: "cancelled", state: "old" });
    expect(await tasks("STOPPED")).toHaveLength(1);
  });

  const oneAfterTheOther = async (): Promise<void> => {
    const both = await tasks("STOPPED");
    const [first, second] = [1, 2].map((number) => both.find((one) => one.startedBy === `threads/shop/prod/${number}`));
    expect(both).toHaveLength(2);
    expect(second?.createdAt?.getTime()).toBeGreaterThanOrEqual(first?.stoppedAt?.getTime() ?? Number.NaN);
  };
});
