import { DeregisterTaskDefinitionCommand, RegisterTaskDefinitionCommand } from "@aws-sdk/client-ecs";
import { afterAll, beforeAll, expect, test } from "vitest";
import { openContact } from "../../../../src/lib/aws/contact.ts";
import { hasEcs } from "../../../../src/lib/ecs/environment-on-ecs.ts";
import type { LiveEcs } from "../../../../src/lib/ecs/live/live-ecs.ts";
import { imagesOnEcs } from "../../../../src/lib/ecs/live/needed-images.ts";
import { liveEcs } from "../../../../src/lib/ecs/live/read.ts";
import { digestOf } from "../../../../src/lib/image/digest.ts";
import { anEnvironment } from "../../../fakes/config.ts";
import { skippingClock } from "../../../fakes/hurried-clock.ts";
import { definition, openCluster, type OpenCluster } from "../../sandbox/server/ecs/cluster.ts";
import { failureOf, onEcs } from "../world.ts";

let cluster: OpenCluster;
let ecs: LiveEcs;
const host = "registry.test";
const image = (name: string): string => `${host}/shop/web@${digestOf(name)}`;

async function register(family: string, images: readonly string[]): Promise<string> {
  const usual = definition(family);
  const containerDefinitions = images.map((one, place) => ({ name: `c${place}`, image: one, essential: true }));
  const made = await cluster.client.send(new RegisterTaskDefinitionCommand({ ...usual, containerDefinitions }));
  return made.taskDefinition?.taskDefinitionArn ?? "";
}

beforeAll(async () => {
  cluster = await openCluster();
  ecs = liveEcs({
    aws: { region: "eu-west-1", contact: openContact(), ecs: () => Promise.resolve(cluster.client) },
    clock: skippingClock(),
  });
  // Runs from a family that is called as somebody else has called it, and of which nothing may be run any more.
  const running = await register("others", [image("runs"), "public.ecr.aws/nginx/nginx:1", `${host}/shop/web:latest`]);
  await cluster.create(running, { serviceName: "others" });
  await cluster.until(async () => (await cluster.service("others")).runningCount === 1);
  await cluster.client.send(new DeregisterTaskDefinitionCommand({ taskDefinition: running }));
  const gone = await register("shop-cloud-web", [image("deregistered")]);
  await cluster.client.send(new DeregisterTaskDefinitionCommand({ taskDefinition: gone }));
  for (let number = 0; number < 11; number += 1) await register("shop-cloud-web", [image(`release ${number}`)]);
  await register("shop-worker", [image("worker"), `${host}/foreign/web@${digestOf("foreign")}`]);
});
afterAll(() => cluster.close());

const environment = (change: object = {}) => {
  const services = { worker: { name: "worker", family: "shop-worker" } };
  const found = anEnvironment("cloud", onEcs({ cluster: "main", services, ...change }));
  if (!hasEcs(found)) throw new Error("it is not on ECS");
  return found;
};
const isOurs = ({ host: at, repository }: { host: string; repository: string }): boolean =>
  at === host && repository.startsWith("shop/");
const needed = (change?: object) => imagesOnEcs(environment(change), { app: "shop", isOurs, ecs });

test("what tasks run and what the newest definitions of the families would start is needed, and nothing else", async () => {
  const { images, older } = await needed();
  const names = ["runs", "deregistered", "worker", "foreign", ...Array.from({ length: 11 }, (_, n) => `release ${n}`)];
  const seen = images.flatMap(({ digest }) => names.find((name) => digestOf(name) === digest) ?? []);
  expect(new Set(seen)).toEqual(
    new Set(["runs", "worker", ...Array.from({ length: 10 }, (_, number) => `release ${number + 1}`)]),
  );
  expect(images.find(({ digest }) => digest === digestOf("runs"))).toEqual({
    repository: "shop/web",
    digest: digestOf("runs"),
    tag: undefined,
    because: "runs on ECS in cloud (others:1)",
    runs: true,
  });
  expect(images.find(({ digest }) => digest === digestOf("worker"))).toMatchObject({
    because: "shop-worker:1 of ECS in cloud starts it",
    runs: false,
  });
  // What ECS has resolved counts, whatever the tag means today.
  expect(images.filter(({ digest }) => digest === `sha256:${"0".repeat(64)}`).length).toBeGreaterThan(0);
  expect(older).toEqual(["shop-cloud-web"]);
});

test("a cluster that is not there is no cluster without tasks", async () => {
  expect(await failureOf(needed({ cluster: "nowhere" }))).toMatchObject({ code: "CLUSTER_NOT_FOUND" });
  expect(await ecs.cluster("nowhere")).toBeUndefined();
  expect(await ecs.cluster("main")).toMatchObject({ status: "ACTIVE" });
});

test("services are found by name, in parts of ten; what was never there is absent", async () => {
  const names = ["others", ...Array.from({ length: 11 }, (_, number) => `absent-${number}`)];
  expect([...(await ecs.services("main", names)).keys()]).toEqual(["others"]);
});

test("an answer for less than was asked is no answer", async () => {
  const client = { send: async () => ({ services: [], failures: [{ arn: "service/main/web", reason: "UNSURE" }] }) };
  const half = liveEcs({
    aws: { region: "eu-west-1", contact: openContact(), ecs: () => Promise.resolve(client as never) },
    clock: skippingClock(),
  });
  expect(await failureOf(half.services("main", ["web"]))).toMatchObject({
    code: "ECS_INCOMPLETE",
    message: "ECS was asked for web of the services of the cluster main, and does not say whether it is there",
    details: ["service/main/web: UNSURE"],
  });
});
