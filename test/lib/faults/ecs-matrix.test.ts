import { StopServiceDeploymentCommand, UpdateServiceCommand } from "@aws-sdk/client-ecs";
import { afterEach, beforeEach, expect, test } from "vitest";
import { breakCall } from "./ecs-cases.ts";
import type { Kind } from "./ecs-door.ts";
import { EcsFaultWorld } from "./ecs-world.ts";

// Every call that changes something on ECS, and what is read after it, goes wrong in turn; then what is advised is typed. In the end
// every service runs one release, nothing is left over, and ledger and status say so.

type Calls = readonly string[];
let world: EcsFaultWorld;
let releases = 0;
/** The calls of a deployment, and of a rollback, in which nothing goes wrong. */
let calls: Record<"deploy" | "rollback", Calls>;
const deploys = (): Promise<string> => world.deploys(`release-${(releases += 1)}`);
const deployed = async (): Promise<Calls> => {
  const { error, door } = await world.type(await deploys());
  expect(error).toBeUndefined();
  return door.calls;
};

// A file of state that grows costs more with every call: a world for each test.
beforeEach(async () => {
  world = await EcsFaultWorld.open();
  await deployed();
  const deploy = await deployed();
  calls = { deploy, rollback: (await world.type("threads rollback -e prod")).door.calls };
});
afterEach(() => world.close());

const isWrite = (call: string): boolean => !/^(?:Describe|List)/.test(call);
const writes = (of: Calls): Calls => of.filter(isWrite);
/** What is asked right after a change, and last of all: what runs then. */
const looks = (of: Calls): Calls => [
  ...of.filter((call, at) => !isWrite(call) && isWrite(of[at - 1] ?? "Describe")),
  of.findLast((call) => call.startsWith("ListServices")) ?? "",
];
const told = (of: Calls): Calls => writes(of).filter((call) => !/^(?:Register|TagResource)/.test(call));

async function breakAll(verb: "deploy" | "rollback", which: (of: Calls) => Calls, kind: Kind): Promise<Calls> {
  const problems: string[] = [];
  const chosen = which(calls[verb]);
  expect(chosen.length).toBeGreaterThan(2);
  for (const call of chosen) {
    await world.passes(4_000_000);
    if (verb === "rollback") await deployed();
    const line = verb === "deploy" ? await deploys() : "threads rollback -e prod";
    problems.push(...(await breakCall({ world, line, fault: { call, kind } })));
  }
  return problems;
}

test.each<readonly [Kind, string, (of: Calls) => Calls]>([
  ["lost", "each change", writes],
  ["killed-before", "each change", writes],
  ["killed", "each change", writes],
  ["denied", "each thing told, from then on", told],
  ["denied", "each look after one, from then on", looks],
  ["throttled", "each thing told, from then on", told],
])("a deployment: %s at %s", async (kind, _, which) => {
  expect(await breakAll("deploy", which, kind)).toEqual([]);
});

test.each<readonly [Kind, string, (of: Calls) => Calls]>([
  ["killed", "each change", writes],
  ["denied", "each thing told, from then on", told],
])("a rollback: %s at %s", async (kind, _, which) => {
  expect(await breakAll("rollback", which, kind)).toEqual([]);
});

// What somebody else tells a service in the middle of a deployment.
const meddlers: Readonly<Record<string, (service: string) => Promise<unknown>>> = {
  "puts another image there": async (service) => service.endsWith("web") && world.ecs.meddle(service),
  "stops what ECS deploys": async (name) => {
    const serviceDeploymentArn = (await world.ecs.service(name))?.currentServiceDeployment;
    if (serviceDeploymentArn !== undefined)
      await world.ecs.client.send(new StopServiceDeploymentCommand({ serviceDeploymentArn, stopType: "ROLLBACK" }));
  },
  "scales it": (service) =>
    world.ecs.client.send(new UpdateServiceCommand({ cluster: "shop", service, desiredCount: 3 })),
};

test.each(Object.entries(meddlers))("somebody %s at each thing told", async (name, meddle) => {
  const problems: string[] = [];
  for (const call of told(calls.deploy).filter((one) => one.startsWith("UpdateService"))) {
    const service = call.split(" ")[1] ?? "";
    // Of what there is one of, nobody runs three.
    if (name === "scales it" && service.endsWith("beat")) continue;
    await world.passes(4_000_000);
    const line = await deploys();
    problems.push(
      ...(await breakCall({ world, line, fault: { call, kind: "meddled", meanwhile: () => meddle(service) } })),
    );
  }
  expect(problems).toEqual([]);
});
