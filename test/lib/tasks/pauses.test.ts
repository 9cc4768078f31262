import {
  ContinueServiceDeploymentCommand,
  type DeploymentConfiguration,
  UpdateServiceCommand,
} from "@aws-sdk/client-ecs";
import { afterEach, beforeEach, expect, test } from "vitest";
import type { MemberOrder } from "../../../src/lib/fleet/target.ts";
import { taskTarget } from "../../../src/lib/tasks/target.ts";
import { give, orderOf } from "./orders.ts";
import { openWorld, type OpenWorld } from "./world.ts";

// What pauses do is only documented ("Pause hooks for Amazon ECS service deployments", "Continuing service deployments").

let world: OpenWorld;
beforeEach(async () => {
  world = await openWorld();
  await give(world.target, orderOf(1, "one"));
});
afterEach(() => world.close());

const web = "shop-prod-web";
const runs = async (name = web): Promise<string | undefined> => (await world.service(name))?.taskDefinition;
async function pauseAt(
  lifecycleStages: readonly ("POST_SCALE_UP" | "PRE_PRODUCTION_TRAFFIC_SHIFT" | "POST_PRODUCTION_TRAFFIC_SHIFT")[],
  more: DeploymentConfiguration = {},
): Promise<void> {
  const deploymentConfiguration: DeploymentConfiguration = {
    strategy: "BLUE_GREEN",
    bakeTimeInMinutes: 0,
    deploymentCircuitBreaker: { enable: false, rollback: false },
    lifecycleHooks: [{ targetType: "PAUSE", lifecycleStages: [...lifecycleStages] }],
    ...more,
  };
  await world.client.send(new UpdateServiceCommand({ cluster: "shop", service: web, deploymentConfiguration }));
}
async function look() {
  const [member] = await world.target.members();
  const asked = member === undefined ? [] : [member];
  return (await world.target.look(asked, new AbortController().signal))[0]?.summary;
}
const hooks = async (): Promise<readonly string[]> => ((await look())?.pauses ?? []).map(({ hookId }) => hookId);
/** The order that goes on with the first one. */
const goingOn = (number: number, change: Partial<MemberOrder> = {}): MemberOrder =>
  orderOf(number, "two", { goesOnWith: [2], ...change });

test("a deployment that comes to a pause ends there, and what it holds up is told nothing", async () => {
  await pauseAt(["POST_SCALE_UP"]);
  const before = await runs("shop-prod-beat");
  const began = world.state.now;
  const verdict = await give(world.target, orderOf(2, "two"));
  expect(verdict).toMatchObject({
    end: "paused",
    state: "both",
    says: expect.stringMatching(/^shop-prod-web waits for somebody at POST_SCALE_UP until \S+Z, and goes back then$/),
    pauses: [{ service: web, stage: "POST_SCALE_UP", percent: 0, timeoutAction: "ROLLBACK" }],
  });
  expect(world.state.now - began).toBeLessThan(60_000);
  expect(await runs("shop-prod-beat")).toBe(before);
  expect(await look()).toMatchObject({ busy: false, pauses: [{ number: 2, service: web }] });
});

test("who has approved it goes on with it, and every service runs the release, whose migration is not run again", async () => {
  await pauseAt(["POST_SCALE_UP"]);
  let migrations = 0;
  world.state.fate = (task) => {
    if (task.startedBy?.startsWith("threads/") === true) migrations += 1;
    return "well";
  };
  const first = await give(world.target, orderOf(2, "two", { migrate: "migrate" }));
  expect(first.end).toBe("paused");
  // For so long that ECS knows nothing of the migration any more.
  world.state.now += 3 * 3600_000;
  const approves = await hooks();
  const tried = migrations;
  const order = goingOn(3, { migrate: "migrate", approves });
  expect(await give(world.target, order)).toMatchObject({ end: "done", state: "new" });
  expect(migrations).toBe(tried);
  expect((await look())?.pauses).toBeUndefined();
});

test("a pause that nobody has approved is not answered: it ends there again", async () => {
  await pauseAt(["POST_SCALE_UP", "POST_PRODUCTION_TRAFFIC_SHIFT"]);
  await give(world.target, orderOf(2, "two"));
  const [first = ""] = await hooks();
  expect(await give(world.target, goingOn(3))).toMatchObject({ end: "paused", pauses: [{ hookId: first }] });
  const next = await give(world.target, orderOf(4, "two", { goesOnWith: [3, 2], approves: [first] }));
  expect(next).toMatchObject({ end: "paused", pauses: [{ stage: "POST_PRODUCTION_TRAFFIC_SHIFT", percent: 100 }] });
});

test("who goes on and cancels is back on what ran before the first of them", async () => {
  await pauseAt(["POST_SCALE_UP"], { bakeTimeInMinutes: 4 });
  const before = await Promise.all(["shop-prod-celery", web].map((name) => runs(name)));
  await give(world.target, orderOf(2, "two"));
  const order = goingOn(3, { approves: await hooks() });
  const step = {
    update: (text: string): void => {
      if (text.includes("bake time")) world.cancelNow.abort();
    },
    done: () => undefined,
  };
  expect(await world.target.give([order])(order, step)).toMatchObject({ end: "cancelled", state: "old" });
  expect(await Promise.all(["shop-prod-celery", web].map((name) => runs(name)))).toEqual(before);
});

test("a way back takes back what waits, and is held up by no pause itself", async () => {
  await pauseAt(["POST_SCALE_UP"]);
  const before = await runs();
  await give(world.target, orderOf(2, "two"));
  const back = orderOf(3, "one", { asItWas: true });
  expect(await give(world.targetBack, back)).toMatchObject({ end: "done", state: "new" });
  expect(await runs()).toBe(before);
});

test("a way back from what has been let through answers its own pauses", async () => {
  await pauseAt(["POST_SCALE_UP"]);
  await give(world.target, orderOf(2, "two"));
  await give(world.target, goingOn(3, { approves: await hooks() }));
  const back = orderOf(4, "one", { asItWas: true });
  expect(await give(world.targetBack, back)).toMatchObject({ end: "done", state: "new" });
});

test("what comes after what has been approved and fails takes that back, past its pauses", async () => {
  await pauseAt(["POST_SCALE_UP"]);
  const before = await runs();
  const known = await world.known();
  await give(world.target, orderOf(2, "two"));
  world.state.fate = (task) => (!known.has(task.definition) && task.definition.includes("beat") ? "dies" : "well");
  const verdict = await give(world.target, goingOn(3, { approves: await hooks() }));
  expect(verdict).toMatchObject({ end: "failed", state: "old" });
  expect(await runs()).toBe(before);
});

test("a pause of what somebody else has begun is no business of ours: refused with the line that answers it", async () => {
  await pauseAt(["POST_SCALE_UP"]);
  await world.meddle();
  await world.looks(60);
  expect(await look()).toMatchObject({
    busy: true,
    step: expect.stringContaining("aws ecs continue-service-deployment"),
  });
  for (const order of [orderOf(2, "two"), orderOf(3, "one", { asItWas: true })])
    expect(await give(world.target, order)).toMatchObject({
      end: "failed",
      code: 12,
      says: expect.stringMatching(/waits for somebody at POST_SCALE_UP .*aws ecs continue-service-deployment/),
    });
});

test("a hook that has been answered by other means meanwhile is no failure: ECS goes on", async () => {
  await pauseAt(["POST_SCALE_UP"]);
  const { pauses: [pause] = [] } = await give(world.target, orderOf(2, "two"));
  const { deployment: serviceDeploymentArn, hookId } = pause ?? { deployment: "", hookId: "" };
  await world.client.send(new ContinueServiceDeploymentCommand({ serviceDeploymentArn, hookId }));
  expect(await give(world.target, goingOn(3, { approves: [hookId] }))).toMatchObject({ end: "done", state: "new" });
});

test("a hook whose time is up has taken the service back, and the environment says so", async () => {
  await pauseAt(["POST_SCALE_UP"], {
    lifecycleHooks: [
      { targetType: "PAUSE", lifecycleStages: ["POST_SCALE_UP"], timeoutConfiguration: { timeoutInMinutes: 1 } },
    ],
  });
  await give(world.target, orderOf(2, "two"));
  await world.looks(120);
  expect(await look()).toMatchObject({ busy: false, wentBack: [web] });
});

test("who is told to go tells nothing that comes behind a pause", async () => {
  await pauseAt(["POST_SCALE_UP"]);
  const before = await runs("shop-prod-beat");
  const order = orderOf(2, "two");
  const step = {
    update: (text: string): void => {
      if (text.startsWith(`${web}: `) || text.startsWith(`${web} begins`)) world.detach.abort();
    },
    done: () => undefined,
  };
  const verdict = await world.target.give([order])(order, step);
  expect(verdict).toMatchObject({ end: "left", says: "goes on without us, as far as its next pause" });
  expect(await runs("shop-prod-beat")).toBe(before);
});

test("what goes on with a deployment that has told all of them, and fails at the first, takes back the others, too", async () => {
  const names = ["shop-prod-celery", web, "shop-prod-beat"];
  const before = await Promise.all(names.map((name) => runs(name)));
  const known = await world.known();
  world.state.fate = (task) => (!known.has(task.definition) && task.definition.includes("celery") ? "dies" : "well");
  // Told to go at the first of them, which dies: the others come up.
  const left = new AbortController();
  const step = {
    update: (text: string): void => void (text.startsWith("shop-prod-celery") && left.abort()),
    done: () => undefined,
  };
  const target = taskTarget(world.environment, { ...world.ports, detach: left.signal });
  const order = orderOf(2, "two");
  expect(await target.give([order])(order, step)).toMatchObject({ end: "left" });
  await world.looks(300);
  expect(await runs()).not.toBe(before[1]);
  expect(await give(world.target, goingOn(3))).toMatchObject({ end: "failed", state: "old" });
  expect(await Promise.all(names.map((name) => runs(name)))).toEqual(before);
});
