import { afterEach, beforeEach, expect, test } from "vitest";
import type { Task } from "@aws-sdk/client-ecs";
import type { EcsCall } from "../../../src/lib/aws/ecs-calls.ts";
import { digestOf } from "../../../src/lib/image/digest.ts";
import { hostCodes } from "../../../src/lib/script/host-codes.ts";
import { taskTarget } from "../../../src/lib/tasks/target.ts";
import { give, orderOf } from "./orders.ts";
import { openWorld, type OpenWorld } from "./world.ts";

// ECS calls its deployment SUCCESSFUL, and its tasks run another image.

let world: OpenWorld;
beforeEach(async () => {
  world = await openWorld();
});
afterEach(() => world.close());

test.each([
  ["goes back", "well", "old", hostCodes.broughtBack],
  ["says that it did not come back, where it did not", "sick", "unknown", hostCodes.stuck],
] as const)("what does not run the digests of the release %s", async (_, fate, state, code) => {
  await give(world.target, orderOf(1, "one"));
  const call = (async (request) => {
    const answer = await world.ports.call(request);
    if (!request.doing.startsWith("looking at tasks")) return answer;
    const { tasks = [] } = answer as { readonly tasks?: readonly Task[] };
    const other = { image: `other@${digestOf("other")}`, imageDigest: digestOf("other") };
    return {
      tasks: tasks.map((task) => ({ ...task, containers: task.containers?.map((one) => ({ ...one, ...other })) })),
    };
  }) as EcsCall;
  const said: string[] = [];
  world.state.fate = () => (said.includes("going back") ? fate : "well");
  const verdict = await give(taskTarget(world.environment, { ...world.ports, call }), orderOf(2, "two"), said);
  expect(verdict).toMatchObject({ end: "failed", step: "verify", state, code: code.exit });
  expect(verdict.says).toContain(`${code.says}: the release is not complete: `);
});
