import { afterEach, beforeEach, expect, test } from "vitest";
import type { EcsCall } from "../../../src/lib/aws/ecs-calls.ts";
import { ThreadsError } from "../../../src/lib/errors/threads-error.ts";
import { hostCodes } from "../../../src/lib/script/host-codes.ts";
import { taskTarget } from "../../../src/lib/tasks/target.ts";
import { give, orderOf } from "./orders.ts";
import { openWorld, type OpenWorld } from "./world.ts";

let world: OpenWorld;
beforeEach(async () => {
  world = await openWorld();
});
afterEach(() => world.close());

test("where a release does not come up and the way back is barred, it is told of both, first of what failed first", async () => {
  await give(world.target, orderOf(1, "one"));
  world.state.fate = () => "sick";
  const said: string[] = [];
  const call: EcsCall = async (asked) => {
    if (!said.includes("going back")) return world.ports.call(asked);
    throw new ThreadsError("ACCESS_DENIED", { message: "ECS is unwell", details: ["what ECS said"], next: [] });
  };
  const verdict = await give(taskTarget(world.environment, { ...world.ports, call }), orderOf(2, "two"), said);
  expect(verdict).toMatchObject({ end: "failed", step: "switch", state: "unknown", code: hostCodes.stuck.exit });
  const task = expect.stringMatching(/^task arn:/);
  const deployment = expect.stringMatching(/^service deployment arn:/);
  expect(verdict.tail).toEqual([task, expect.stringMatching(/: exit code /), deployment, "what ECS said"]);
});
