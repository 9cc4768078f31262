import { CreateServiceCommand, TagResourceCommand } from "@aws-sdk/client-ecs";
import { afterEach, beforeEach, expect, test } from "vitest";
import { hostCodes } from "../../../src/lib/script/host-codes.ts";
import { readServices } from "../../../src/lib/tasks/services.ts";
import { applicationOf } from "../../../src/lib/tasks/application.ts";
import { give, orderOf } from "./orders.ts";
import { openWorld, type OpenWorld } from "./world.ts";

// Two applications in one cluster, the names of one beginning like all names of the other: shop/prod and shop/prod-west.

let world: OpenWorld;
beforeEach(async () => {
  world = await openWorld();
});
afterEach(() => world.close());

const deploy = (number: number, word: string) => give(world.target, orderOf(number, word));
const tags = (owner: string | undefined, number: number) => [
  ...(owner === undefined ? [] : [{ key: "threads:application", value: owner }]),
  { key: "threads:order", value: `${number} nonce-${number}` },
  { key: "threads:before", value: "none" },
];

/** What a deployment of somebody else has made: with that number, and none before. */
async function neighbour(serviceName: string, owner: string | undefined, number: number): Promise<void> {
  const web = await world.service("shop-prod-web");
  await world.client.send(
    new CreateServiceCommand({
      cluster: "shop",
      serviceName,
      taskDefinition: web?.taskDefinition,
      desiredCount: 1,
      launchType: "FARGATE",
      networkConfiguration: { awsvpcConfiguration: { subnets: ["subnet-a"] } },
      tags: tags(owner, number),
    }),
  );
}

const namesSeen = async () =>
  (await readServices(applicationOf(world.environment, world.config), world.ports.call)).map(({ name }) => name);

test("every service that is deployed to says whose it is", async () => {
  await deploy(1, "one");
  const { services = [] } = await world.describe("shop-prod-web", "shop-prod-celery", "shop-prod-beat");
  const owners = services.map((one) => one.tags?.find(({ key }) => key === "threads:application")?.value);
  expect(owners).toEqual(["shop/prod", "shop/prod", "shop/prod"]);
});

test.each(["shop/prod-west", undefined])("the way back takes no service away that is of %s", async (owner) => {
  await deploy(1, "one");
  await neighbour("shop-prod-west-web", owner, 2);
  await world.looks(60);
  const known = await world.known();
  world.state.fate = (task) =>
    task.definition.startsWith("shop-prod-web") && !known.has(task.definition) ? "sick" : "well";
  expect(await deploy(2, "two")).toMatchObject({ end: "failed", state: "old", code: hostCodes.broughtBack.exit });
  expect((await world.service("shop-prod-west-web"))?.status).toBe("ACTIVE");
  expect(await namesSeen()).not.toContain("shop-prod-west-web");
});

test("what a release of ours had, and threads.yml has no more, is ours", async () => {
  await deploy(1, "one");
  await neighbour("shop-prod-flower", "shop/prod", 1);
  expect(await namesSeen()).toContain("shop-prod-flower");
});

test("a newer deployment of a neighbour overtakes none of ours", async () => {
  await deploy(1, "one");
  await neighbour("shop-prod-west-web", "shop/prod-west", 7);
  await world.looks(60);
  expect(await deploy(2, "two")).toMatchObject({ end: "done", state: "new" });
});

test("a service of ours that is another's is refused by name, before anything is touched", async () => {
  await deploy(1, "one");
  const web = await world.service("shop-prod-web");
  await world.client.send(
    new TagResourceCommand({ resourceArn: web?.serviceArn, tags: tags("shop-prod/eu", 1).slice(0, 1) }),
  );
  const verdict = await deploy(2, "two");
  expect(verdict).toMatchObject({ end: "failed", state: "old", code: hostCodes.notReady.exit });
  expect(verdict.says).toContain("service shop-prod-web in cluster shop is of shop-prod/eu, and not of shop/prod");
  expect((await world.service("shop-prod-web"))?.taskDefinition).toBe(web?.taskDefinition);
  expect(await namesSeen()).not.toContain("shop-prod-web");
});

test("one that was deployed to before it said whose it is gets a release, and says so then", async () => {
  await deploy(1, "one");
  const resourceArn = (await world.service("shop-prod-web"))?.serviceArn;
  await world.client.send(new TagResourceCommand({ resourceArn, tags: [{ key: "threads:application", value: "" }] }));
  expect(await namesSeen()).toContain("shop-prod-web");
  expect(await deploy(2, "two")).toMatchObject({ end: "done", state: "new" });
  const { services = [] } = await world.describe("shop-prod-web");
  expect(services[0]?.tags).toContainEqual({ key: "threads:application", value: "shop/prod" });
});
