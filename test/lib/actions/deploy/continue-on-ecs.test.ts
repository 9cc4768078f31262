import { ContinueServiceDeploymentCommand, DescribeServiceDeploymentsCommand } from "@aws-sdk/client-ecs";
import { afterEach, beforeEach, expect, test } from "vitest";
import { deploy } from "../../../../src/lib/actions/deploy/run.ts";
import { status } from "../../../../src/lib/actions/status/run.ts";
import { ThreadsError } from "../../../../src/lib/errors/threads-error.ts";
import type { RolloutResult } from "../../../../src/lib/fleet/result.ts";
import { sha } from "../../../fakes/fleet.ts";
import { EcsFaultWorld } from "../../faults/ecs-world.ts";

// What pauses do is only documented ("Pause hooks for Amazon ECS service deployments", "Continuing service deployments").

const web = "shop-prod-web";
let world: EcsFaultWorld;
beforeEach(async () => {
  world = await EcsFaultWorld.open();
  await world.type(await world.deploys("one"));
  await world.pauses();
});
afterEach(() => world.close());

/** What a line ends with that does not end well. */
async function failing(line: string): Promise<ThreadsError> {
  const { error } = await world.type(line);
  if (error instanceof ThreadsError) return error;
  throw new Error(`${line} ended with ${String(error)}`);
}
async function records() {
  const own = world.process();
  const { deployments } = await own.ports.ledger.deploymentLog("prod");
  own.end();
  return deployments;
}
async function result(options: object): Promise<RolloutResult> {
  const own = world.process();
  const usual = { environment: "prod", release: undefined, force: false, dryRun: false, supersede: undefined };
  return deploy({ ...usual, ...options }, own.ports).finally(() => own.end());
}
async function prod() {
  const own = world.process();
  const found = await status({ environment: "prod" }, own.ports);
  own.end();
  return { ...found.environments[0], typed: found.next };
}

test("a deployment that waits at a pause says so, with the line that goes on, and the ledger and status know it", async () => {
  const error = await failing(await world.deploys("two"));
  expect(error).toMatchObject({
    code: "STEP_PAUSED",
    exitCode: 6,
    message: expect.stringMatching(
      /^deployment 2 of \w+ to prod waits: ecs:shop\/shop-prod shop-prod-web waits for somebody/,
    ),
    next: expect.arrayContaining(["threads deploy -e prod --continue 2", "threads rollback -e prod"]),
    deployment: { pauses: [{ step: 1, service: web, stage: "POST_SCALE_UP", percent: 0 }] },
  });
  expect(error.next[0]).toBe("threads deploy -e prod --continue 2");
  const [latest] = await records();
  expect(latest?.outcome).toMatchObject({
    result: "paused",
    hosts: [{ state: "both" }],
    pauses: [{ step: 1, service: web, hookId: expect.stringMatching(/^ecs-pause-/) }],
  });
  expect(await prod()).toMatchObject({
    outcome: "under-way",
    problems: [],
    weighed: {
      number: 2,
      steps: [],
      step: 1,
      weight: 0,
      waitsFor: expect.stringMatching(/^is held at POST_SCALE_UP of shop-prod-web until \S+, and goes back then$/),
      next: "threads deploy -e prod --continue 2",
    },
  });
});

test("who approves it goes on: every service runs the release, on record; a second time nothing is done", async () => {
  await failing(await world.deploys("two"));
  const before = (await world.migrations()).length;
  await world.passes(6 * 3600_000);
  const plan = await result({ approves: 2, dryRun: true });
  expect(plan).toMatchObject({ outcome: "planned", number: null, continues: { step: 2, pauses: [{ service: web }] } });
  expect(plan.steps[0]).toMatch(/: let shop-prod-web at POST_SCALE_UP go on, tell what has not been told yet, /);
  expect((await world.type("threads deploy -e prod --continue 2")).error).toBeUndefined();
  expect((await world.migrations()).length).toBeLessThan(before);
  expect(await world.disagreement()).toEqual([]);
  const [latest] = await records();
  expect(latest).toMatchObject({
    intent: { number: 3, revision: sha("two"), continues: { step: 2, hooks: [expect.any(String)] } },
    outcome: { result: "succeeded" },
  });
  const again = await result({ approves: 2 });
  expect(again).toMatchObject({ outcome: "behind", next: [] });
  expect(again.advice[0]).toMatch(/^step 2 is already behind: prod runs \w+; nothing was changed$/);
});

test("another step than the one that waits is refused with the right one, and where none waits that is said", async () => {
  expect(await failing("threads deploy -e prod --continue 2")).toMatchObject({
    code: "WEIGHTS_STEP",
    exitCode: 3,
    message:
      "no step of a deployment to prod waits to be approved: deployment 1 of " +
      `${sha("one").slice(0, 12)} has no steps`,
  });
  await failing(await world.deploys("two"));
  expect(await failing("threads deploy -e prod --continue 3")).toMatchObject({
    code: "WEIGHTS_STEP",
    message: "deployment 2 of prod waits for step 2, and not for step 3",
    next: ["threads deploy -e prod --continue 2", "threads status -e prod"],
  });
  expect(await result({ approves: 1 })).toMatchObject({
    outcome: "behind",
    next: ["threads deploy -e prod --continue 2"],
  });
});

test("each pause is a step of its own", async () => {
  await world.pauses({
    lifecycleHooks: [{ targetType: "PAUSE", lifecycleStages: ["POST_SCALE_UP", "POST_PRODUCTION_TRAFFIC_SHIFT"] }],
  });
  await failing(await world.deploys("two"));
  const second = await failing("threads deploy -e prod --continue 2");
  expect(second).toMatchObject({
    code: "STEP_PAUSED",
    deployment: { number: 3, pauses: [{ step: 2, stage: "POST_PRODUCTION_TRAFFIC_SHIFT", percent: 100 }] },
  });
  expect(second.next[0]).toBe("threads deploy -e prod --continue 3");
  expect((await prod()).weighed).toMatchObject({ step: 2, weight: 100, next: "threads deploy -e prod --continue 3" });
  // Watched on without an approval, it waits where it waited.
  expect((await failing("threads deploy -e prod --resume")).next[0]).toBe("threads deploy -e prod --continue 3");
  expect(await result({ approves: 2 })).toMatchObject({ outcome: "behind" });
  expect((await world.type("threads deploy -e prod --continue 3")).error).toBeUndefined();
  expect(await world.disagreement()).toEqual([]);
});

test("a rollback takes back what waits; another release is refused while it does, with both ways on", async () => {
  await failing(await world.deploys("two"));
  expect(await failing(await world.deploys("three"))).toMatchObject({
    code: "HOST_BUSY",
    exitCode: 4,
    message: "deployment 2 of prod waits for a person: shop-prod-web is held at POST_SCALE_UP",
    next: ["threads deploy -e prod --continue 2", "threads rollback -e prod", "threads status -e prod"],
  });
  const before = await world.definitions();
  expect((await world.type("threads rollback -e prod")).error).toBeUndefined();
  expect(await world.definitions()).not.toEqual(before);
  expect(await world.disagreement()).toEqual([]);
  expect((await records())[0]).toMatchObject({ intent: { kind: "rollback", revision: sha("one") } });
});

test("a pause whose time was up is refused, with what has become of it and what runs", async () => {
  await world.pauses({
    lifecycleHooks: [
      { targetType: "PAUSE", lifecycleStages: ["POST_SCALE_UP"], timeoutConfiguration: { timeoutInMinutes: 1 } },
    ],
  });
  await failing(await world.deploys("two"));
  await world.ecs.looks(120);
  const error = await failing("threads deploy -e prod --continue 2");
  expect(error).toMatchObject({ code: "WEIGHTS_STEP", exitCode: 3 });
  expect(error.message).toMatch(
    new RegExp(
      `^deployment 2 of prod waits for nobody any more: ECS has taken shop-prod-web back from ${sha("two").slice(0, 12)}: ` +
        `it waited until \\S+Z; it runs ${sha("one").slice(0, 12)} again$`,
    ),
  );
  const { outcome, problems = [], typed } = await prod();
  expect(outcome).toBe("not-as-deployed");
  expect(problems[0]).toMatch(
    /ECS has taken shop-prod-web back from \w+ \(deployment 2\), which waits for nobody any more/,
  );
  // Each of the lines does.
  expect(typed.some((line) => /^threads (?:deploy|rollback) /.test(line))).toBe(true);
  await world.pauses({ lifecycleHooks: [] });
  expect((await world.type(error.next[0] ?? "")).error).toBeUndefined();
  expect(await world.disagreement()).toEqual([]);
});

test("what somebody has let go on by AWS's own line is behind, and gone on with to its end", async () => {
  const { deployment } = await failing(await world.deploys("two"));
  const { deployment: serviceDeploymentArn = "", hookId = "" } = deployment?.pauses[0] ?? {};
  await world.ecs.client.send(new ContinueServiceDeploymentCommand({ serviceDeploymentArn, hookId }));
  await world.ecs.looks(60);
  const { weighed, problems } = await prod();
  expect(weighed).toMatchObject({ waitsFor: null, next: "threads deploy -e prod --resume" });
  expect(problems?.[0]).toMatch(/waits for nobody any more, and has not come to its end$/);
  expect(await result({ approves: 2 })).toMatchObject({
    outcome: "behind",
    next: ["threads deploy -e prod --resume"],
  });
  expect((await world.type("threads deploy -e prod --resume")).error).toBeUndefined();
  expect(await world.disagreement()).toEqual([]);
});

test("of two who approve it at once one goes on, and a hook is answered once", async () => {
  const { deployment } = await failing(await world.deploys("two"));
  const ends = await Promise.all(
    [1, 2].map(async () => (await world.type("threads deploy -e prod --continue 2")).error),
  );
  const lost = ends.find((error) => error !== undefined);
  expect(ends.filter((error) => error !== undefined)).toHaveLength(1);
  expect(["DEPLOYMENT_TAKEN", "DEPLOYMENT_UNDER_WAY"]).toContain((lost as ThreadsError).code);
  const arns = deployment?.pauses.map((one) => one.deployment) ?? [];
  const asked = new DescribeServiceDeploymentsCommand({ serviceDeploymentArns: arns });
  const { serviceDeployments: [own] = [] } = await world.ecs.client.send(asked);
  expect(own?.lifecycleHookDetails?.map((hook) => hook.status)).toEqual(["SUCCEEDED"]);
  expect(await world.disagreement()).toEqual([]);
});

test("whoever was killed before it came to the pause has left it to others: status names the line, and that goes on", async () => {
  const { door } = await world.type(await world.deploys("two"), {
    call: "UpdateService shop-prod-web #1",
    kind: "killed",
  });
  expect(door.dead).toBe(true);
  await world.passes(600_000);
  expect(await prod()).toMatchObject({
    weighed: { step: 1, next: "threads deploy -e prod --continue 2" },
    typed: ["threads deploy -e prod --continue 2"],
  });
  expect((await world.type("threads deploy -e prod --continue 2")).error).toBeUndefined();
  expect(await world.disagreement()).toEqual([]);
});

test("where another goes on with a step that somebody who was killed has approved, it counts as approved", async () => {
  await failing(await world.deploys("two"));
  await world.type("threads deploy -e prod --continue 2", {
    call: "ContinueServiceDeployment shop-prod-web #1",
    kind: "killed",
  });
  await world.passes(600_000);
  expect((await world.type("threads deploy -e prod --continue 2")).error).toBeUndefined();
  expect(await world.disagreement()).toEqual([]);
});

test("a pause of what somebody else has begun is refused with AWS's own line", async () => {
  await world.ecs.meddle();
  await world.ecs.looks(60);
  const { code, message } = await failing(await world.deploys("two"));
  expect(code).toBe("HOST_BUSY");
  expect(message).toMatch(
    /waits for somebody at POST_SCALE_UP until .*: aws ecs continue-service-deployment --service/,
  );
});

test("weights are for hosts: on ECS the key of threads.yml is named that says how a service shifts requests", async () => {
  const error = await result({ release: sha("one"), pace: { weights: [5, 100] } }).catch((one: unknown) => one);
  expect(error).toMatchObject({
    code: "PACE_UNFIT",
    exitCode: 2,
    message: expect.stringContaining("environments.prod.ecs.services.NAME.shift"),
    next: [`threads deploy -e prod ${sha("one")}`, "threads doctor -e prod"],
  });
});
