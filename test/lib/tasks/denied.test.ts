import { afterEach, beforeEach, expect, test } from "vitest";
import type { EcsCall } from "../../../src/lib/aws/ecs-calls.ts";
import { ThreadsError } from "../../../src/lib/errors/threads-error.ts";
import { hostCodes } from "../../../src/lib/script/host-codes.ts";
import { taskTarget } from "../../../src/lib/tasks/target.ts";
import { give, orderOf } from "./orders.ts";
import { openWorld, type OpenWorld } from "./world.ts";

// A right that is missing is found out where it is wanted, which may be in the middle.

let world: OpenWorld;
beforeEach(async () => {
  world = await openWorld();
  await give(world.target, orderOf(1, "one"));
});
afterEach(() => world.close());

const running = async () => (await world.service("shop-prod-web"))?.taskDefinition?.split("/")[1];

/** The target of somebody whom AWS denies one thing. */
function without(doing: string) {
  const call: EcsCall = async (asked) => {
    if (asked.doing !== doing) return world.ports.call(asked);
    throw new ThreadsError("ACCESS_DENIED", { message: "somebody lacks it", next: [] });
  };
  return taskTarget(world.environment, { ...world.ports, call });
}

test("who may not see what ECS deploys goes back all the same", async () => {
  await give(world.target, orderOf(2, "two"));
  const restore = orderOf(2, "two", { action: "restore", stands: "new" });
  const verdict = await give(without("looking at what ECS deploys"), restore);
  expect(verdict).toMatchObject({ end: "done", state: "old" });
  expect(await running()).toBe("shop-prod-web:1");
});

test("who may not tell one of several services something has begun a deployment, and not been refused one", async () => {
  const verdict = await give(without("telling service shop-prod-web what to run"), orderOf(2, "two"));
  expect(verdict).toMatchObject({ end: "failed", state: "unknown", code: hostCodes.stuck.exit, step: "switch" });
  expect(verdict.says).toBe("was not brought to its end: somebody lacks it");
});
