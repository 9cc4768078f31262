import {
  DeleteServiceCommand,
  DeregisterTaskDefinitionCommand,
  ListTaskDefinitionsCommand,
  DescribeTaskDefinitionCommand,
  RegisterTaskDefinitionCommand,
  StopServiceDeploymentCommand,
  TagResourceCommand,
  UpdateServiceCommand,
} from "@aws-sdk/client-ecs";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import type { Clock } from "../../../src/lib/clock/clock.ts";
import { digestOf } from "../../../src/lib/image/digest.ts";
import { hostCodes } from "../../../src/lib/script/host-codes.ts";
import { taskTarget } from "../../../src/lib/tasks/target.ts";
import { give, orderOf } from "./orders.ts";
import { openWorld, type OpenWorld, releaseOf } from "./world.ts";

// How ECS says yes where the answer is no, and what somebody else may do to it meanwhile.

const names = ["shop-prod-web", "shop-prod-celery", "shop-prod-beat"];
let world: OpenWorld;
beforeEach(async () => {
  world = await openWorld();
});
afterEach(() => world.close());

const deploy = (number: number, word: string) => give(world.target, orderOf(number, word));
const back = { kind: "rollback", rollbackOf: 2 } as const;
const rollback = (number: number, word: string) => {
  const order = orderOf(number, word);
  return give(world.targetBack, { ...order, intent: { ...order.intent, ...back }, asItWas: true });
};
const definitions = () =>
  Promise.all(names.map(async (name) => (await world.service(name))?.taskDefinition?.split("/")[1]));
const revisions = async (family: string) =>
  (await world.client.send(new ListTaskDefinitionsCommand({ familyPrefix: family }))).taskDefinitionArns ?? [];
const fault = (operation: string, kind: string, times = 1) =>
  world.sandbox.settings({ faults: [{ operation, kind, times, skip: 0 }] });
/** New tasks of a family, once there is one, have that fate. */
const failing = async (family: string, fate: "sick" | "dies" | "cannot-pull"): Promise<void> => {
  const known = await world.known();
  world.state.fate = (task) => (task.definition.startsWith(family) && !known.has(task.definition) ? fate : "well");
};

describe("one service that does not come up takes the others back with it", () => {
  test.each([
    ["shop-prod-celery", "cannot-pull", "CannotPullContainerError"],
    ["shop-prod-web", "sick", "health check"],
    // ECS's own breaker counts no task that ran and died: nothing would ever end that.
    ["shop-prod-beat", "dies", "exit code 3"],
  ] as const)("%s: %s", async (family, fate, says) => {
    await deploy(1, "one");
    const before = await definitions();
    await failing(family, fate);
    const begunAt = world.state.now;
    const verdict = await deploy(2, "two");
    // By the world's own clock: told once it is known, the way back included, and not when the order's time is up.
    expect(world.state.now - begunAt).toBeLessThan(300_000);
    expect(verdict).toMatchObject({ end: "failed", state: "old", code: hostCodes.broughtBack.exit });
    expect(`${verdict.says} ${verdict.tail.join(" ")}`).toContain(says);
    expect(verdict.says).toContain(`${family} did not come up`);
    expect(verdict.advice).toContain("`threads logs -e prod --since 1h` shows what its tasks have said");
    expect(await definitions()).toEqual(before);
    const [seen] = await world.target.look(await world.target.members(), new AbortController().signal);
    expect(seen?.summary).toMatchObject({ busy: false, number: 2, current: { number: 1 } });
  });

  test("and those that it has made are taken away, so that the next one can make them", async () => {
    world.state.fate = (task) => (task.definition.startsWith("shop-prod-web") ? "sick" : "well");
    const says = expect.stringMatching(/^failed, and its services are taken away again: shop-prod-web did not come up/);
    expect(await deploy(1, "one")).toMatchObject({ end: "failed", state: "old", says });
    for (const name of names) expect((await world.service(name))?.status).not.toBe("ACTIVE");
    const [seen] = await world.target.look(await world.target.members(), new AbortController().signal);
    expect(seen?.summary?.current).toBeUndefined();
    world.state.fate = () => "well";
    expect(await deploy(2, "one")).toMatchObject({ end: "done", state: "new" });
  });
});

test("after one that was killed in the middle, all go back to where all were", async () => {
  await deploy(1, "one");
  const before = await definitions();
  // The first wait is that for the worker.
  const clock: Clock = { ...world.ports.clock, sleep: () => Promise.reject(new Error("killed")) };
  const killed = taskTarget(world.environment, { ...world.ports, clock });
  await expect(give(killed, orderOf(2, "two"))).rejects.toThrow("killed");
  await world.looks(20);
  expect(await definitions()).not.toEqual(before);
  await failing("shop-prod-web", "sick");
  expect(await deploy(3, "two")).toMatchObject({ end: "failed", state: "old" });
  expect(await definitions()).toEqual(before);
});

test("what somebody has put onto one service sends no other back to what ran before threads did", async () => {
  await deploy(1, "zero");
  // Services that somebody else has made and deployed to so far.
  for (const name of names) {
    const resourceArn = (await world.service(name))?.serviceArn;
    const tags = ["threads:order", "threads:deployment", "threads:before"].map((key) => ({ key, value: "" }));
    await world.client.send(new TagResourceCommand({ resourceArn, tags }));
  }
  await deploy(2, "one");
  const [, ...others] = await definitions();
  await world.meddle(names[0]);
  await world.looks(120);
  await failing("shop-prod-beat", "sick");
  expect(await deploy(3, "two")).toMatchObject({ state: "old", code: hostCodes.broughtBack.exit });
  expect(await definitions()).toEqual(["by-hand:1", ...others]);
});

test("an order that comes twice is gone back from to what was there before it came first", async () => {
  await deploy(1, "one");
  const before = await definitions();
  await deploy(2, "two");
  await deploy(2, "two");
  const restore = orderOf(2, "two", { action: "restore", stands: "new" });
  expect(await give(world.target, restore)).toMatchObject({ end: "done", state: "old" });
  expect(await definitions()).toEqual(before);
});

test("a rollback that goes on is waited for, and nothing is begun on top of it", async () => {
  await deploy(1, "one");
  await world.client.send(new UpdateServiceCommand({ cluster: "shop", service: names[0], forceNewDeployment: true }));
  const verdict = await deploy(2, "two");
  expect(verdict).toMatchObject({ end: "failed", state: "old", code: hostCodes.busy.exit });
  expect(verdict.says).toMatch(/shop-prod-web .*service-deployment\/shop\/shop-prod-web\//);
});

test("what somebody stops from a console is not taken for a success, nor for the release before", async () => {
  await deploy(1, "one");
  let stopped = false;
  const stop = async (): Promise<void> => {
    const serviceDeploymentArn = (await world.service(names[0]!))?.currentServiceDeployment ?? "";
    await world.client.send(new StopServiceDeploymentCommand({ serviceDeploymentArn }));
  };
  world.state.fate = (task) => {
    if (!stopped && task.definition === "shop-prod-web:2") {
      stopped = true;
      world.state.meanwhile = stop();
    }
    return task.definition === "shop-prod-web:2" ? "stays" : "well";
  };
  const verdict = await deploy(2, "two");
  expect(verdict).toMatchObject({ end: "failed", state: "old" });
  expect(verdict.says).toContain("because of a request to stop it");
});

test("an alarm that was red when it began protected nothing, which is said", async () => {
  await deploy(1, "one");
  const alarms = { enable: true, rollback: true, alarmNames: ["errors"] };
  await world.client.send(
    new UpdateServiceCommand({ cluster: "shop", service: names[0], deploymentConfiguration: { alarms } }),
  );
  await world.sandbox.settings({ redAlarms: ["errors"] });
  const { end, warnings } = await deploy(2, "two");
  expect({ end, warnings }).toEqual({
    end: "done",
    warnings: [expect.stringContaining("has not looked at the alarms of shop-prod-web (errors)")],
  });
});

describe("going back", () => {
  test("registers nothing, and runs the very definitions that ran", async () => {
    await deploy(1, "one");
    const before = await definitions();
    await deploy(2, "two");
    expect(await rollback(3, "one")).toMatchObject({ end: "done", state: "new" });
    expect(await definitions()).toEqual(before);
    expect(await revisions("shop-prod-web")).toHaveLength(2);
  });

  test("is refused where a definition was deregistered, before anything is touched", async () => {
    await deploy(1, "one");
    const [web = ""] = await definitions();
    await deploy(2, "two");
    const now = await definitions();
    await world.client.send(new DeregisterTaskDefinitionCommand({ taskDefinition: web }));
    const verdict = await rollback(3, "one");
    expect(verdict).toMatchObject({ end: "failed", state: "old", code: hostCodes.notReady.exit });
    expect(verdict.says).toContain("shop-prod-web has no task definition of");
    expect(await definitions()).toEqual(now);
  });

  test.each(["", "none"])("is registered again by a deployment, also where it was made before %j", async (before) => {
    await deploy(1, "one");
    const [web = ""] = await definitions();
    await deploy(2, "two");
    await world.client.send(new DeregisterTaskDefinitionCommand({ taskDefinition: web }));
    const tags = before === "" ? [] : [{ key: "threads:before", value: before }];
    const resourceArn = (await world.service("shop-prod-web"))?.serviceArn;
    await world.client.send(new TagResourceCommand({ resourceArn, tags }));
    expect((await rollback(3, "one")).says).toMatch(
      /of .* with its images any more .*: threads deploy -e prod .* --allow-older/,
    );
  });

  test("has a service scaled to none that the release does not have, however many have come to it since", async () => {
    await deploy(1, "one");
    await deploy(2, "two");
    const order = orderOf(3, "one");
    const { beat: _, ...images } = order.intent.images;
    const verdict = await give(world.targetBack, {
      ...order,
      intent: { ...order.intent, ...back, images },
      asItWas: true,
    });
    expect(verdict.says).toMatch(/: aws ecs update-service .* --service shop-prod-beat --desired-count 0/);
  });

  test("misses no migration that has an image of its own: there is no service of it", async () => {
    await deploy(1, "one");
    await deploy(2, "two");
    const order = orderOf(3, "one");
    const images = { ...order.intent.images, migrate: order.intent.images["web"]! };
    const config = { ...world.config, services: [...world.config.services, "migrate"] };
    const target = taskTarget(world.environment, { ...world.ports, config, translated: undefined as never });
    const verdict = await give(target, { ...order, intent: { ...order.intent, ...back, images }, asItWas: true });
    expect(verdict).toMatchObject({ end: "done", state: "new", says: "" });
  });

  test("is refused where a service is gone, which only a deployment makes again", async () => {
    await deploy(1, "one");
    await deploy(2, "two");
    await world.client.send(new DeleteServiceCommand({ cluster: "shop", service: "shop-prod-beat", force: true }));
    await world.looks(60);
    expect(await rollback(3, "one")).toMatchObject({
      state: "old",
      code: hostCodes.notReady.exit,
      says: expect.stringMatching(
        /beat of \w+ is not there any more: threads deploy -e prod \w+ --allow-older makes it again/,
      ),
    });
  });

  test("takes no definition that says that it is the release and has another image", async () => {
    await deploy(1, "one");
    await deploy(2, "two");
    const [web = ""] = await revisions("shop-prod-web");
    await world.client.send(new DeregisterTaskDefinitionCommand({ taskDefinition: web }));
    await world.client.send(
      new RegisterTaskDefinitionCommand({
        family: "shop-prod-web",
        containerDefinitions: [{ name: "web", image: "registry/shop/evil:latest", memory: 16 }],
        tags: [{ key: "threads:bundle", value: releaseOf("one").bundle.digest }],
      }),
    );
    expect(await rollback(3, "one")).toMatchObject({ end: "failed", code: hostCodes.notReady.exit });
  });
});

test.each([
  ["another image", { image: `registry/shop/evil@${digestOf("evil")}` }],
  ["another command", { command: ["steal"] }],
  ["another variable", { environment: [{ name: "DEBUG", value: "1" }] }],
])("what has the tags of a release and %s is not run for it", async (_, other) => {
  await deploy(1, "one");
  const own = await definitions();
  const [taskDefinition] = await revisions("shop-prod-migrate");
  const found = await world.client.send(new DescribeTaskDefinitionCommand({ taskDefinition, include: ["TAGS"] }));
  const { containerDefinitions = [], family, cpu, memory, ...known } = found.taskDefinition ?? {};
  const evil = containerDefinitions.map((one) => ({ ...one, ...other }));
  const { networkMode, requiresCompatibilities, executionRoleArn } = known;
  const forged = { family, cpu, memory, networkMode, requiresCompatibilities, executionRoleArn, tags: found.tags };
  await world.client.send(new RegisterTaskDefinitionCommand({ ...forged, containerDefinitions: evil }));
  const ran: string[] = [];
  world.state.fate = ({ definition }) => {
    ran.push(definition);
    return "well";
  };
  expect(await give(world.target, orderOf(2, "one", { migrate: "migrate" }))).toMatchObject({ end: "done" });
  expect(ran).toContain("shop-prod-migrate:1");
  expect(ran).not.toContain("shop-prod-migrate:2");
  expect(await definitions()).toEqual(own);
});

describe("the same", () => {
  test("is registered once, also after a lost reply", async () => {
    await fault("RegisterTaskDefinition", "drop-reply");
    await deploy(1, "one");
    await deploy(2, "one");
    for (const name of [...names, "shop-prod-migrate"]) expect(await revisions(name)).toHaveLength(1);
  });

  test.each(["UpdateService", "TagResource", "DescribeServiceDeployments", "DescribeServices", "ListTasks"])(
    "comes of %s with a lost reply, throttled or in trouble",
    async (operation) => {
      await deploy(1, "one");
      for (const [index, kind] of ["drop-reply", "throttle", "error-500"].entries()) {
        await fault(operation, kind);
        expect(await deploy(2 + index, index % 2 === 0 ? "two" : "one")).toMatchObject({ end: "done", state: "new" });
      }
    },
  );

  test("comes of a service whose making has lost its reply", async () => {
    await fault("CreateService", "drop-reply");
    expect(await deploy(1, "one")).toMatchObject({ end: "done", state: "new" });
  });
});

test("what ECS has nothing for is told before there is an order; who goes back asks nobody", async () => {
  const translated = () => Promise.reject(new Error("web has ipc"));
  const refusing = taskTarget(world.environment, { ...world.ports, translated });
  await expect(refusing.takes?.(releaseOf("one"))).rejects.toThrow("web has ipc");
  await expect(world.targetBack.takes?.(releaseOf("one"))).resolves.toBeUndefined();
});

describe("before anything is touched it is refused", () => {
  const refusal = async (): Promise<string> => {
    const before = await definitions();
    const verdict = await deploy(3, "three");
    expect(verdict).toMatchObject({ end: "failed", state: "old", code: hostCodes.notReady.exit });
    expect(await definitions()).toEqual(before);
    return verdict.says;
  };
  const limits = async (service: string, minimumHealthyPercent: number, maximumPercent: number): Promise<void> => {
    const deploymentConfiguration = { minimumHealthyPercent, maximumPercent };
    await world.client.send(new UpdateServiceCommand({ cluster: "shop", service, deploymentConfiguration }));
  };
  beforeEach(async () => {
    await deploy(1, "one");
  });

  test("where a service can neither stop nor start a task", async () => {
    await limits("shop-prod-web", 90, 134);
    expect(await refusal()).toMatch(
      /a deployment of shop-prod-web would hang: .*: aws ecs update-service --cluster shop --service shop-prod-web .*"minimumHealthyPercent":100,"maximumPercent":200/,
    );
  });

  test("where there might be two of what there is one of", async () => {
    await limits("shop-prod-beat", 100, 200);
    expect(await refusal()).toMatch(
      /there may be two of shop-prod-beat while it changes .*"minimumHealthyPercent":0,"maximumPercent":100/,
    );
  });

  test("where ECS might start a second one to balance zones, as doctor says; a way back warns of it, and goes", async () => {
    await deploy(2, "two");
    const availabilityZoneRebalancing = "ENABLED";
    await world.client.send(
      new UpdateServiceCommand({ cluster: "shop", service: "shop-prod-beat", availabilityZoneRebalancing }),
    );
    const says =
      /two of shop-prod-beat while ECS moves it to another zone .*: aws ecs update-service .* --availability-zone-rebalancing DISABLED/;
    expect(await refusal()).toMatch(says);
    expect(await rollback(4, "one")).toMatchObject({
      end: "done",
      state: "new",
      warnings: [expect.stringMatching(says)],
    });
  });

  test("where somebody deletes a service", async () => {
    await deploy(2, "two");
    await world.client.send(new DeleteServiceCommand({ cluster: "shop", service: names[0], force: true }));
    expect(await refusal()).toContain("the service shop-prod-web is DRAINING");
  });
});

test("a service that was scaled to none stays so, and is no reason to say that it is missing", async () => {
  await deploy(1, "one");
  await world.client.send(new UpdateServiceCommand({ cluster: "shop", service: names[1], desiredCount: 0 }));
  await world.looks(5);
  expect(await deploy(2, "two")).toMatchObject({ end: "done", state: "new" });
  expect((await world.service(names[1]!))?.desiredCount).toBe(0);
});
