import { afterEach, beforeEach, expect, test } from "vitest";
import { breakCall } from "./ecs-cases.ts";
import type { Kind } from "./ecs-door.ts";
import { EcsFaultWorld } from "./ecs-world.ts";

// Every call that changes something where a person lets a deployment on ECS go on, and what is read after it, goes wrong in turn;
// then what is advised is typed. What pauses do is only documented ("Pause hooks for Amazon ECS service deployments").

type Calls = readonly string[];
const line = "threads deploy -e prod --continue 2";
let world: EcsFaultWorld;
let releases = 0;
let calls: Calls;

const waits = async (): Promise<void> => {
  const { error } = await world.type(await world.deploys(`release-${(releases += 1)}`));
  expect(error).toMatchObject({ code: "STEP_PAUSED" });
};
beforeEach(async () => {
  world = await EcsFaultWorld.open();
  await world.type(await world.deploys("first"));
  await world.pauses();
  await waits();
  ({ calls } = (await world.type(line)).door);
});
afterEach(() => world.close());

const isWrite = (call: string): boolean => !/^(?:Describe|List)/.test(call);
const writes = (of: Calls): Calls => of.filter(isWrite);
const looks = (of: Calls): Calls => of.filter((call, at) => !isWrite(call) && isWrite(of[at - 1] ?? "Describe"));
const told = (of: Calls): Calls => writes(of).filter((call) => !call.startsWith("TagResource"));

test.each<readonly [Kind, string, (of: Calls) => Calls]>([
  ["lost", "each change", writes],
  ["killed-before", "each change", writes],
  ["killed", "each change", writes],
  ["denied", "each thing told, from then on", told],
  ["denied", "each look after one, from then on", looks],
  ["throttled", "each thing told, from then on", told],
])("going on: %s at %s", async (kind, _, which) => {
  const problems: string[] = [];
  const chosen = which(calls);
  expect(chosen.length).toBeGreaterThan(1);
  for (const call of chosen) {
    await world.passes(4_000_000);
    const ran = await world.definitions();
    await waits();
    problems.push(...(await breakCall({ world, line, fault: { call, kind }, ran })));
  }
  expect(problems).toEqual([]);
});
