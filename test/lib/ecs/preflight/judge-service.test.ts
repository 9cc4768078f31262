import type { Service } from "@aws-sdk/client-ecs";
import { describe, expect, test } from "vitest";
import { judgeCluster } from "../../../../src/lib/ecs/preflight/judge-cluster.ts";
import { judgeService } from "../../../../src/lib/ecs/preflight/judge-service.ts";
import { boundsOf, canMove } from "../../../../src/lib/ecs/preflight/room-to-move.ts";
import { openCluster } from "../../sandbox/server/ecs/cluster.ts";
import { task, translated } from "../world.ts";

const translation = translated({
  services: { celery: { image: "${CELERY_IMAGE}" }, beat: { image: "${BEAT_IMAGE}" } },
});
const { celery, beat } = { celery: task(translation, "celery"), beat: task(translation, "beat") };
const now = Date.parse("2026-11-28T09:00:00Z");
const arn = "arn:aws:ecs:eu-west-1:123456789012:service-deployment/shop/shop-prod-celery/vvCI1x2kSSSGYhHrsQeCk";

/** As ECS has it once it was made as threads prints it, changed. */
const serviceOf = (one: typeof celery, change: Partial<Service>): Service =>
  ({
    ...(one.service as unknown as Service),
    status: "ACTIVE",
    deployments: [{ status: "PRIMARY", rolloutState: "COMPLETED" }],
    ...change,
  }) satisfies Service;

function judged(one: typeof celery, change: Partial<Service> | undefined = {}, runs?: object) {
  return judgeService({
    app: "shop",
    environment: "prod",
    isDeployed: true,
    task: one.name,
    wanted: one.service!,
    definition: one.taskDefinition,
    service: serviceOf(one, change),
    runs,
    now,
  });
}

const configuration = (change: object) => ({
  deploymentConfiguration: {
    minimumHealthyPercent: 100,
    maximumPercent: 200,
    deploymentCircuitBreaker: { enable: true, rollback: true },
    ...change,
  },
});

test("a service that was made as threads prints it is ready, in the sandbox too", async () => {
  expect([judged(celery), judged(beat)]).toEqual([[], []]);
  const cluster = await openCluster();
  try {
    const { cluster: _, ...settings } = { ...celery.service!, launchType: "FARGATE" as const };
    await cluster.create(await cluster.register("celery"), JSON.parse(JSON.stringify(settings)) as object);
    const name = celery.service!.serviceName;
    await cluster.until(async () => (await cluster.service(name)).deployments?.[0]?.rolloutState === "COMPLETED");
    const service = await cluster.service(name);
    expect(judged(celery, service)).toEqual([]);
    const [second] = [await cluster.register("celery", "sick")];
    await cluster.update({ service: name, taskDefinition: second });
    expect(judged(celery, await cluster.service(name))).toMatchObject([
      {
        state: "warn",
        says: expect.stringMatching(/^a deployment of shop-prod-celery is in progress for .*:service-deployment\//),
      },
    ]);
  } finally {
    await cluster.close();
  }
});

test("one that is not there, or goes away, or is another's to deploy is named", () => {
  expect(
    judgeService({
      app: "shop",
      environment: "prod",
      isDeployed: true,
      task: "celery",
      wanted: celery.service!,
      definition: celery.taskDefinition,
      service: undefined,
      runs: undefined,
      now,
    }),
  ).toEqual([
    {
      state: "warn",
      says: "there is no service shop-prod-celery in the cluster shop, and the next deployment makes it: it is new in the compose file, or somebody has deleted it",
      next: ["threads ecs render -e prod --service celery"],
    },
  ]);
  const show = ["aws ecs describe-services --cluster shop --services shop-prod-celery"];
  expect(judged(celery, { status: "DRAINING" })).toMatchObject([
    {
      state: "fail",
      says: "the service shop-prod-celery is DRAINING, and is deployed to only when it is ACTIVE",
      next: show,
    },
  ]);
  for (const type of ["CODE_DEPLOY", "EXTERNAL"] as const)
    expect(judged(celery, { deploymentController: { type } })).toMatchObject([
      { state: "fail", says: expect.stringContaining(`is deployed by ${type}`), next: show },
    ]);
});

test("a deployment that is in progress is named with its ARN and its age", () => {
  const createdAt = new Date(now - 12 * 60_000);
  expect(
    judged(celery, {
      currentServiceDeployment: arn,
      deployments: [{ status: "PRIMARY", rolloutState: "IN_PROGRESS", createdAt }, { status: "ACTIVE" }],
    }),
  ).toEqual([
    {
      state: "warn",
      says: `a deployment of shop-prod-celery is in progress for 12 min: ${arn}`,
      next: [`aws ecs describe-service-deployments --service-deployment-arns ${arn}`],
    },
  ]);
  // The old tasks of one that is done, as far as ECS's bookkeeping goes, still run.
  expect(
    judged(celery, {
      deployments: [{ status: "PRIMARY", rolloutState: "COMPLETED", taskDefinition: "web:2" }, { status: "ACTIVE" }],
    }),
  ).toMatchObject([{ says: "a deployment of shop-prod-celery is in progress: web:2" }]);
});

describe("minimum and maximum", () => {
  test.each([
    [1, 100, 200, true],
    [1, 100, 100, false],
    [1, 100, 134, false],
    [2, 100, 134, false],
    [3, 100, 134, true],
    [1, 50, 100, false],
    [2, 50, 100, true],
    [1, 0, 100, true],
    [0, 100, 100, true],
  ])("%i tasks at %i/%i", (desired, minimum, maximum, moves) => {
    expect(canMove(desired, { minimum, maximum })).toBe(moves);
    const change = {
      desiredCount: desired,
      ...configuration({ minimumHealthyPercent: minimum, maximumPercent: maximum }),
    };
    expect(judged(celery, change).map(({ state }) => state)).toEqual(moves ? [] : ["fail"]);
  });

  test("are rounded as ECS does", () => {
    expect(boundsOf(3, { minimum: 50, maximum: 150 })).toEqual({ least: 2, most: 4 });
  });

  test("say what hangs, and the line that mends it", () => {
    const [finding] = judged(celery, { desiredCount: 1, ...configuration({ maximumPercent: 134 }) });
    expect(finding?.says).toBe(
      "a deployment of shop-prod-celery would hang: of 1 wanted 1 must run (minimumHealthyPercent 100) and 1 may (maximumPercent 134), so that none can stop or start",
    );
    expect(finding?.next).toEqual([
      `aws ecs update-service --cluster shop --service shop-prod-celery --deployment-configuration '{"minimumHealthyPercent":100,"maximumPercent":200,"deploymentCircuitBreaker":{"enable":true,"rollback":true}}'`,
    ]);
  });

  test("are not what a deployment with two sets of tasks goes by", () => {
    const [finding, ...more] = judged(celery, {
      desiredCount: 1,
      ...configuration({ strategy: "BLUE_GREEN", maximumPercent: 100, deploymentCircuitBreaker: undefined }),
    });
    expect(more).toEqual([]);
    expect(finding).toMatchObject({
      state: "warn",
      says: "shop-prod-celery changes by BLUE_GREEN, and threads.yml has ROLLING: a deployment leaves that as it is",
    });
    expect(finding?.next[0]).toContain(`--deployment-configuration '{"strategy":"ROLLING",`);
  });
});

test("a breaker that is off, or goes back to nothing, is told", () => {
  for (const [breaker, says] of [
    [undefined, "is off"],
    [{ enable: false, rollback: true }, "is off"],
    [{ enable: true, rollback: false }, "goes back to nothing (rollback)"],
  ] as const)
    expect(judged(celery, configuration({ deploymentCircuitBreaker: breaker }))).toMatchObject([
      { state: "warn", says: expect.stringContaining(`the circuit breaker of shop-prod-celery ${says}`) },
    ]);
});

test("of a singleton there are never two", () => {
  const single = (change: Partial<Service>) =>
    judged(beat, change).map(({ state, says, next }) => [
      state,
      says.slice(0, 60),
      next[0]?.split("shop-prod-beat ")[1]?.slice(0, 30),
    ]);
  expect(single(configuration({ minimumHealthyPercent: 100, maximumPercent: 200 }))).toEqual([
    ["fail", "there may be two of shop-prod-beat while it changes (100/200", "--deployment-configuration '{\""],
  ]);
  expect(single({ availabilityZoneRebalancing: "ENABLED" })).toEqual([
    ["fail", "there may be two of shop-prod-beat while ECS moves it to ano", "--availability-zone-rebalancin"],
  ]);
  expect(single({ desiredCount: 2 })).toEqual([
    ["fail", "shop-prod-beat runs 2 times, and there must be one", "--desired-count 1"],
  ]);
  const twoSets = configuration({ minimumHealthyPercent: 0, maximumPercent: 100, strategy: "BLUE_GREEN" });
  expect(judged(beat, twoSets)).toMatchObject([
    {
      says: "there may be two of shop-prod-beat while it changes (BLUE_GREEN and not ROLLING), and there must be one",
      next: [expect.stringContaining('"strategy":"ROLLING"')],
    },
  ]);
});

test("alarms are told, since one that is red makes ECS ignore all of them", () => {
  const alarms = { enable: true, rollback: true, alarmNames: ["errors", "latency"] };
  expect(judged(celery, configuration({ alarms }))).toMatchObject([
    {
      state: "warn",
      says: expect.stringContaining("go by errors and latency, which threads cannot look at"),
      next: ["aws cloudwatch describe-alarms --state-value ALARM --alarm-names errors latency"],
    },
  ]);
  expect(judged(celery, configuration({ alarms: { ...alarms, enable: false } }))).toEqual([]);
});

test("roles that are not those of threads.yml are told", () => {
  const { executionRoleArn } = celery.taskDefinition;
  expect(judged(celery, {}, { executionRoleArn })).toEqual([]);
  expect(judged(celery, {}, { executionRoleArn: "arn:x", taskRoleArn: "arn:y" })).toMatchObject([
    {
      state: "warn",
      says: expect.stringContaining("runs with arn:x as executionRoleArn, and threads.yml has arn:aws:iam::"),
    },
    { says: expect.stringContaining("runs with arn:y as taskRoleArn, and threads.yml has none") },
  ]);
});

test("a cluster has to be there, and ACTIVE", () => {
  expect(judgeCluster({ status: "ACTIVE" }, "shop")).toEqual([]);
  expect(judgeCluster(undefined, "shop")).toMatchObject([
    { state: "fail", next: ["aws ecs list-clusters", "aws sts get-caller-identity"] },
  ]);
  expect(judgeCluster({ status: "INACTIVE" }, "shop")).toMatchObject([
    { state: "fail", says: expect.stringContaining("is INACTIVE") },
  ]);
});
