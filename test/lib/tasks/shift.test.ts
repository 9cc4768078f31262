import { type DeploymentConfiguration, StopServiceDeploymentCommand, UpdateServiceCommand } from "@aws-sdk/client-ecs";
import { afterEach, beforeEach, expect, test } from "vitest";
import { give, orderOf } from "./orders.ts";
import { openWorld, type OpenWorld } from "./world.ts";

let world: OpenWorld;
beforeEach(async () => {
  world = await openWorld();
  await give(world.target, orderOf(1, "one"));
});
afterEach(() => world.close());

const web = "shop-prod-web";
const runs = async (): Promise<string | undefined> => (await world.service(web))?.taskDefinition;
/** Somebody has web change by blue and green: a deployment leaves that as it is. */
async function change(more: DeploymentConfiguration = {}, service = web): Promise<void> {
  const deploymentCircuitBreaker = { enable: false, rollback: false };
  const strategy = { strategy: "BLUE_GREEN", bakeTimeInMinutes: 1, deploymentCircuitBreaker } as const;
  const deploymentConfiguration = { ...strategy, ...more };
  await world.client.send(new UpdateServiceCommand({ cluster: "shop", service, deploymentConfiguration }));
}
/** As people read it, each line once. */
const told = (said: readonly string[]): readonly string[] => [
  ...new Set(said.filter((one) => one.startsWith(`${web} `)).map((one) => one.replace(`${web} `, ""))),
];

test("a deployment tells the stages that ECS is at, and is done when the old tasks are gone", async () => {
  await change();
  const said: string[] = [];
  const before = world.state.now;
  expect(await give(world.target, orderOf(2, "two"), said)).toMatchObject({ end: "done", state: "new" });
  expect(told(said)).toContain("gets all requests, and its old tasks stay for their bake time");
  expect(world.state.now - before).toBeGreaterThan(60_000);
  // And the one after that finds nothing to do.
  expect(await give(world.target, orderOf(3, "two"))).toMatchObject({ end: "done", state: "new" });
});

test("what does not come up goes back, though no breaker of ECS looks at it", async () => {
  await change();
  const before = await runs();
  const known = await world.known();
  world.state.fate = (task) => (known.has(task.definition) ? "well" : "dies");
  const order = { ...orderOf(2, "two") };
  expect(await give(world.target, order)).toMatchObject({ end: "failed", state: "old" });
  expect(await runs()).toBe(before);
});

test("who cancels while it bakes is back on the old tasks, which are still there", async () => {
  await change({ bakeTimeInMinutes: 4 });
  const before = await runs();
  const said: string[] = [];
  const order = orderOf(2, "two");
  const step = {
    update: (text: string): void => {
      said.push(text);
      if (text.includes("bake time")) world.cancelNow.abort();
    },
    done: () => undefined,
  };
  expect(await world.target.give([order])(order, step)).toMatchObject({ end: "cancelled", state: "old" });
  expect(await runs()).toBe(before);
});

test("what was stopped by somebody else is no success", async () => {
  await change();
  const order = orderOf(2, "two");
  const stop = async (): Promise<void> => {
    const serviceDeploymentArn = (await world.service(web))?.currentServiceDeployment;
    // It is told again until it has ended.
    if (serviceDeploymentArn === undefined) return;
    await world.client.send(new StopServiceDeploymentCommand({ serviceDeploymentArn })).catch(() => undefined);
  };
  const step = {
    update: (text: string): void => {
      if (text.includes("bake time")) world.state.meanwhile = stop();
    },
    done: () => undefined,
  };
  expect(await world.target.give([order])(order, step)).toMatchObject({ end: "failed", state: "old" });
});

test("nothing is begun whose own steps last longer than it may take, or that would run two of one", async () => {
  await change({ bakeTimeInMinutes: 10 });
  expect(await give(world.target, orderOf(2, "two"))).toMatchObject({
    end: "failed",
    state: "old",
    says: expect.stringMatching(
      /takes 10 min for the steps and the bake time of BLUE_GREEN alone, and a deployment has 5 min/,
    ),
  });
  await change();
  await change({}, "shop-prod-beat");
  expect((await give(world.target, orderOf(3, "two"))).says).toContain(
    "there may be two of shop-prod-beat while it changes (BLUE_GREEN and not ROLLING)",
  );
});
