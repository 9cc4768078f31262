import {
  DeregisterTaskDefinitionCommand,
  DescribeTaskDefinitionCommand,
  RegisterTaskDefinitionCommand,
  TagResourceCommand,
  UpdateServiceCommand,
} from "@aws-sdk/client-ecs";
import { afterEach, beforeEach, expect, test } from "vitest";
import type { Clock } from "../../../src/lib/clock/clock.ts";
import { hostCodes } from "../../../src/lib/script/host-codes.ts";
import { taskTarget } from "../../../src/lib/tasks/target.ts";
import { give, orderOf } from "./orders.ts";
import { openWorld, type OpenWorld } from "./world.ts";

// Tags are written by anybody who may tag: what a service is told to run again is what ECS itself says that it has run.

const names = ["shop-prod-web", "shop-prod-celery", "shop-prod-beat"];
let world: OpenWorld;
beforeEach(async () => {
  world = await openWorld();
  await give(world.target, orderOf(1, "one"));
  await give(world.target, orderOf(2, "two"));
});
afterEach(() => world.close());

const definitions = () => Promise.all(names.map(async (name) => (await world.service(name))?.taskDefinition ?? ""));

/** A definition with the images and the tags of another, and another command. */
async function forge(taskDefinition: string): Promise<string> {
  const found = await world.client.send(new DescribeTaskDefinitionCommand({ taskDefinition, include: ["TAGS"] }));
  const { containerDefinitions = [], family, cpu, memory, ...known } = found.taskDefinition ?? {};
  const { networkMode, requiresCompatibilities, executionRoleArn } = known;
  const evil = containerDefinitions.map((one) => ({ ...one, command: ["steal"] }));
  const forged = { family, cpu, memory, networkMode, requiresCompatibilities, executionRoleArn, tags: found.tags };
  const answer = await world.client.send(new RegisterTaskDefinitionCommand({ ...forged, containerDefinitions: evil }));
  return answer.taskDefinition?.taskDefinitionArn ?? "";
}

test("a service is not brought back to what somebody has written onto it, nor is any other told something by then", async () => {
  const now = await definitions();
  const evil = await forge(now[0]!);
  const resourceArn = (await world.service(names[0]!))?.serviceArn;
  const tags = [{ key: "threads:before", value: `1 ${evil} 2026-11-28T08:00:00.000Z` }];
  await world.client.send(new TagResourceCommand({ resourceArn, tags }));
  const restore = give(world.target, orderOf(2, "two", { action: "restore", stands: "new" }));
  await expect(restore).rejects.toThrow(/shop-prod-web is said to have run shop-prod-web:\d+ before .* somebody else/);
  expect(await definitions()).toEqual(now);
});

test("a rollback takes no definition that has the images and the tags of the release, and never ran", async () => {
  const [, ...others] = await definitions();
  const order = orderOf(3, "one");
  const web = `${(await world.service(names[0]!))?.taskDefinition?.replace(/:\d+$/, "") ?? ""}:1`;
  const evil = await forge(web);
  const back = () =>
    give(world.targetBack, { ...order, intent: { ...order.intent, kind: "rollback", rollbackOf: 2 }, asItWas: true });
  await world.client.send(new DeregisterTaskDefinitionCommand({ taskDefinition: web }));
  const verdict = await back();
  expect(verdict).toMatchObject({ end: "failed", code: hostCodes.notReady.exit });
  expect(verdict.says).toContain("by ECS's own record");
  const [now, ...rest] = await definitions();
  expect(rest).toEqual(others);
  expect(now).not.toBe(evil);
});

test("what never came up has not run: nobody goes back to it", async () => {
  const now = await definitions();
  const known = await world.known();
  world.state.fate = ({ definition }) =>
    definition.startsWith("shop-prod-web") && !known.has(definition) ? "sick" : "well";
  expect(await give(world.target, orderOf(3, "three"))).toMatchObject({ end: "failed", state: "old" });
  world.state.fate = () => "well";
  const order = orderOf(4, "three");
  const intent = { ...order.intent, kind: "rollback", rollbackOf: 3 } as const;
  const verdict = await give(world.targetBack, { ...order, intent, asItWas: true });
  expect(verdict).toMatchObject({ end: "failed", state: "old", code: hostCodes.notReady.exit });
  expect(verdict.says).toContain("shop-prod-web has no task definition of");
  expect(await definitions()).toEqual(now);
});

test("what a service runs at this moment needs no record, which ECS keeps for 90 days: it stays, and the others come back to it", async () => {
  const before = await definitions();
  world.state.now += 100 * 24 * 3_600_000;
  // The first wait is that for the worker.
  const clock: Clock = { ...world.ports.clock, sleep: () => Promise.reject(new Error("killed")) };
  const killed = taskTarget(world.environment, { ...world.ports, clock });
  await expect(give(killed, orderOf(3, "three"))).rejects.toThrow("killed");
  await world.looks(20);
  expect(await definitions()).not.toEqual(before);
  const order = orderOf(4, "two");
  const intent = { ...order.intent, kind: "rollback", rollbackOf: 3 } as const;
  const verdict = await give(world.targetBack, { ...order, intent, asItWas: true });
  expect(verdict).toMatchObject({ end: "done", state: "new", says: "" });
  expect(await definitions()).toEqual(before);
});

test("what ran a hundred deployments ago is gone back to", async () => {
  const force = () =>
    world.client.send(new UpdateServiceCommand({ cluster: "shop", service: names[0], forceNewDeployment: true }));
  for (let deployments = 0; deployments < 101; deployments += 1) {
    await force();
    world.state.now += 1_000;
  }
  await world.looks(60);
  const order = orderOf(3, "one");
  const intent = { ...order.intent, kind: "rollback", rollbackOf: 2 } as const;
  expect(await give(world.targetBack, { ...order, intent, asItWas: true })).toMatchObject({ state: "new", says: "" });
  expect((await definitions())[0]).toMatch(/shop-prod-web:1$/);
});
