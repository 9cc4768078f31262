import {
  ContinueServiceDeploymentCommand,
  type DeploymentConfiguration,
  type DeploymentLifecycleHook,
  DescribeServiceDeploymentsCommand,
  type LoadBalancer,
  type ServiceDeployment,
  StopServiceDeploymentCommand,
} from "@aws-sdk/client-ecs";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { openCluster, type OpenCluster } from "./cluster.ts";

const group = (name: string) => ({
  arn: `arn:aws:elasticloadbalancing:eu-west-1:000000000000:targetgroup/${name}/0123456789abcdef`,
  backend: name,
  path: "/",
  intervalSeconds: 1,
  timeoutSeconds: 1,
  healthyCount: 1,
  unhealthyCount: 2,
  delaySeconds: 2,
});
const [blue, green, stray] = [group("blue"), group("green"), group("stray")];
const rule = (key: string) => ({
  arn: `arn:aws:elasticloadbalancing:eu-west-1:000000000000:listener-rule/app/shop/1/2/${key}`,
  groups: [blue.arn, green.arn] as const,
  key,
});
const [production, trial] = [rule("production"), rule("trial")];
const advancedConfiguration = {
  alternateTargetGroupArn: green.arn,
  productionListenerRule: production.arn,
  testListenerRule: trial.arn,
  roleArn: "arn:aws:iam::000000000000:role/shifts",
};
const plain = { targetGroupArn: blue.arn, containerName: "web", containerPort: 8080 };
const balanced: LoadBalancer = { ...plain, advancedConfiguration };
const noBreaker = { enable: false, rollback: false };
const blueGreen: DeploymentConfiguration = {
  strategy: "BLUE_GREEN",
  bakeTimeInMinutes: 1,
  deploymentCircuitBreaker: noBreaker,
};
const pause: DeploymentLifecycleHook = { targetType: "PAUSE", lifecycleStages: ["POST_TEST_TRAFFIC_SHIFT"] };

let ecs: OpenCluster;
beforeEach(async () => {
  ecs = await openCluster({ targetGroups: [blue, green, stray], listenerRules: [production, trial] });
});
afterEach(() => ecs.close());

async function rollout(arn: string): Promise<ServiceDeployment> {
  const asked = new DescribeServiceDeploymentsCommand({ serviceDeploymentArns: [arn] });
  const { serviceDeployments = [] } = await ecs.client.send(asked);
  return serviceDeployments[0] ?? {};
}
const until = (arn: string, holds: (one: ServiceDeployment) => boolean): Promise<void> =>
  ecs.until(async () => holds(await rollout(arn)));
const ended = ({ finishedAt }: ServiceDeployment): boolean => finishedAt !== undefined;
const waits = ({ lifecycleHookDetails = [] }: ServiceDeployment): boolean =>
  lifecycleHookDetails.some(({ status }) => status === "AWAITING_ACTION");
const families = (): readonly string[] => [...new Set(ecs.balancer.takers().map((one) => one.split(":")[0] ?? ""))];

/** A service that has come to its first release. */
async function stable(deploymentConfiguration: DeploymentConfiguration): Promise<void> {
  const more = {
    loadBalancers: [balanced],
    deploymentConfiguration: { ...deploymentConfiguration, lifecycleHooks: [] },
  };
  const made = await ecs.create(await ecs.register("one"), more);
  await until(made?.currentServiceDeployment ?? "", ended);
  await ecs.update({ deploymentConfiguration });
}
const answer = (serviceDeploymentArn: string, hookId = "", action?: "CONTINUE" | "ROLLBACK") =>
  ecs.client.send(new ContinueServiceDeploymentCommand({ serviceDeploymentArn, hookId, ...(action && { action }) }));

test("blue/green shifts testers first, people when it goes on, and shows where it is", async () => {
  await stable({ ...blueGreen, lifecycleHooks: [pause] });
  const { arn, service } = await ecs.update({ taskDefinition: await ecs.register("two") });
  expect(service?.deployments?.map(({ rolloutState }) => rolloutState)).toEqual([undefined, undefined]);
  await until(arn, waits);
  expect(families()).toEqual(["one", "two"]);
  expect([ecs.balancer.share("production"), ecs.balancer.share("trial")]).toEqual([0, 100]);
  const seen = await rollout(arn);
  expect(seen).toMatchObject({
    status: "IN_PROGRESS",
    lifecycleStage: "POST_TEST_TRAFFIC_SHIFT",
    targetServiceRevision: { requestedProductionTrafficWeight: 0, requestedTestTrafficWeight: 100 },
    sourceServiceRevisions: [{ requestedProductionTrafficWeight: 100, requestedTestTrafficWeight: 0 }],
    lifecycleHookDetails: [{ targetType: "PAUSE", status: "AWAITING_ACTION", timeoutAction: "ROLLBACK" }],
  });
  const [hook] = seen.lifecycleHookDetails ?? [];
  expect(hook?.hookId).toMatch(/^ecs-pause-[\w-]{43}$/);
  expect((hook?.expiresAt?.getTime() ?? 0) - ecs.clock.now).toBeGreaterThan(86_390_000);
  expect(await answer(arn, hook?.hookId)).toMatchObject({ serviceDeploymentArn: arn });
  await expect(answer(arn, hook?.hookId)).rejects.toMatchObject({
    name: "InvalidParameterException",
    message: "The lifecycle hook is SUCCEEDED and is not awaiting an action.",
  });
  await until(arn, ({ lifecycleStage }) => lifecycleStage === "BAKE_TIME");
  expect([ecs.balancer.share("production"), families()]).toEqual([100, ["one", "two"]]);
  await until(arn, ended);
  expect(await rollout(arn)).toMatchObject({ status: "SUCCESSFUL", lifecycleStage: "CLEAN_UP" });
  expect(families()).toEqual(["two"]);
});

test("what is stopped while it bakes is back at the next look", async () => {
  await stable(blueGreen);
  const { arn } = await ecs.update({ taskDefinition: await ecs.register("two") });
  await until(arn, ({ lifecycleStage }) => lifecycleStage === "BAKE_TIME");
  await ecs.client.send(new StopServiceDeploymentCommand({ serviceDeploymentArn: arn, stopType: "ROLLBACK" }));
  await ecs.look();
  expect(ecs.balancer.share("production")).toBe(0);
  await until(arn, ended);
  expect(await rollout(arn)).toMatchObject({ status: "ROLLBACK_SUCCESSFUL" });
  expect(families()).toEqual(["one"]);
});

test("a canary waits before each step, and ROLLBACK takes back the part that it had", async () => {
  const canaryConfiguration = { canaryPercent: 10, canaryBakeTimeInMinutes: 1 };
  const hook: DeploymentLifecycleHook = { targetType: "PAUSE", lifecycleStages: ["PRE_PRODUCTION_TRAFFIC_SHIFT"] };
  const strategy = { strategy: "CANARY", deploymentCircuitBreaker: noBreaker, canaryConfiguration } as const;
  await stable({ ...strategy, lifecycleHooks: [hook] });
  const { arn } = await ecs.update({ taskDefinition: await ecs.register("two") });
  await until(arn, waits);
  const [first] = (await rollout(arn)).lifecycleHookDetails ?? [];
  await answer(arn, first?.hookId, "CONTINUE");
  await ecs.look();
  await until(arn, waits);
  expect(ecs.balancer.share("production")).toBe(10);
  const second = (await rollout(arn)).lifecycleHookDetails?.at(-1);
  expect(second?.hookId).not.toBe(first?.hookId);
  await answer(arn, second?.hookId, "ROLLBACK");
  await until(arn, ended);
  expect(await rollout(arn)).toMatchObject({
    status: "ROLLBACK_SUCCESSFUL",
    rollback: { reason: "Service deployment rolled back because a lifecycle hook was resolved with ROLLBACK." },
  });
  expect(ecs.balancer.share("production")).toBe(0);
});

test("a service without a load balancer changes by blue and green, too", async () => {
  const made = await ecs.create(await ecs.register("one"), { deploymentConfiguration: blueGreen });
  await until(made?.currentServiceDeployment ?? "", ended);
  const { arn } = await ecs.update({ taskDefinition: await ecs.register("two") });
  await until(arn, ended);
  expect((await ecs.service()).taskDefinition).toMatch(/\/two:1$/);
});

test("hooks that there are not, and deployments that are over, are not continued", async () => {
  await stable({ ...blueGreen, lifecycleHooks: [pause] });
  const { arn } = await ecs.update({ taskDefinition: await ecs.register("two") });
  await until(arn, waits);
  const [hook] = (await rollout(arn)).lifecycleHookDetails ?? [];
  await expect(answer(arn, "ecs-pause-0")).rejects.toMatchObject({ name: "InvalidParameterException" });
  await expect(answer(`${arn}0`, hook?.hookId)).rejects.toMatchObject({ name: "ServiceDeploymentNotFoundException" });
  await ecs.client.send(new StopServiceDeploymentCommand({ serviceDeploymentArn: arn }));
  await expect(answer(arn, hook?.hookId)).rejects.toMatchObject({ name: "InvalidParameterException" });
  await until(arn, ended);
  expect((await rollout(arn)).lifecycleHookDetails).toMatchObject([{ status: "FAILED" }]);
});

test("a service whose alternate target group serves does not become a rolling one", async () => {
  await stable(blueGreen);
  const { arn } = await ecs.update({ taskDefinition: await ecs.register("two") });
  await until(arn, ended);
  const rolling: DeploymentConfiguration = { strategy: "ROLLING", lifecycleHooks: [] };
  const change = { deploymentConfiguration: rolling, loadBalancers: [plain] };
  await expect(ecs.update(change)).rejects.toMatchObject({ name: "InvalidParameterException" });
  const next = await ecs.update({ taskDefinition: await ecs.register("three") });
  await until(next.arn, ended);
  expect((await ecs.update(change)).service?.deploymentConfiguration?.strategy).toBe("ROLLING");
});

const needed =
  "advancedConfiguration field is required for all loadBalancers when using a non-ROLLING deployment strategy.";
const advanced = (more: object): LoadBalancer => ({
  ...plain,
  advancedConfiguration: { ...advancedConfiguration, ...more },
});
const hooked = (more: object): DeploymentConfiguration => ({ ...blueGreen, lifecycleHooks: [{ ...pause, ...more }] });

describe("is refused, when a service is made and when it is changed:", () => {
  test.each<[string, DeploymentConfiguration, LoadBalancer | undefined, string | RegExp]>([
    ["no advancedConfiguration", blueGreen, plain, needed],
    [
      "a breaker",
      { ...blueGreen, deploymentCircuitBreaker: { enable: true, rollback: true } },
      balanced,
      /circuit breaker can only/,
    ],
    ["no bake time", { strategy: "BLUE_GREEN" }, balanced, /^bakeTimeInMinutes is required/],
    ["a canary's percent", { ...blueGreen, canaryConfiguration: {} }, balanced, /^canaryConfiguration is only valid/],
    ["a canary without requests", { strategy: "CANARY" }, undefined, /shifts requests of a load balancer/],
    ["small steps", { strategy: "LINEAR", linearConfiguration: { stepPercent: 2.9 } }, balanced, /from 3.0 to 100.0/],
    ["odd steps", { strategy: "CANARY", canaryConfiguration: { canaryPercent: 0.25 } }, balanced, /multiple of 0.1/],
    [
      "a pause in the middle",
      hooked({ lifecycleStages: ["PRODUCTION_TRAFFIC_SHIFT"] }),
      balanced,
      /cannot be configured at the/,
    ],
    ["a pause while it bakes", hooked({ lifecycleStages: ["BAKE_TIME"] }), balanced, /failed to satisfy constraint/],
    ["a pause with a role", hooked({ roleArn: advancedConfiguration.roleArn }), balanced, /not applicable for PAUSE/],
    [
      "a pause of a month",
      hooked({ timeoutConfiguration: { timeoutInMinutes: 20_161 } }),
      balanced,
      /timeoutInMinutes/,
    ],
    ["a function", hooked({ targetType: "AWS_LAMBDA" }), balanced, /no Lambda functions/],
    [
      "eleven pauses",
      { ...blueGreen, lifecycleHooks: Array.from({ length: 11 }, () => pause) },
      balanced,
      /up to 10 PAUSE/,
    ],
    [
      "hooks of a rolling one",
      { strategy: "ROLLING", lifecycleHooks: [pause] },
      plain,
      /not supported with the ROLLING/,
    ],
    ["itself beside it", blueGreen, advanced({ alternateTargetGroupArn: blue.arn }), /another target group/],
    ["a group unknown", blueGreen, advanced({ alternateTargetGroupArn: `${green.arn}0` }), /associated load balancer/],
    ["a group elsewhere", blueGreen, advanced({ alternateTargetGroupArn: stray.arn }), /does not forward to both/],
    ["a rule unknown", blueGreen, advanced({ productionListenerRule: `${production.arn}0` }), /does not exist/],
    ["one rule for both", blueGreen, advanced({ testListenerRule: production.arn }), /another rule than/],
    ["no role", blueGreen, advanced({ roleArn: undefined }), /roleArn/],
  ])("%s", async (_, deploymentConfiguration, balancer, message) => {
    const taskDefinition = await ecs.register("one");
    const change = { deploymentConfiguration, ...(balancer !== undefined && { loadBalancers: [balancer] }) };
    const refused = { name: "InvalidParameterException", message: expect.stringMatching(message) };
    await expect(ecs.create(taskDefinition, { serviceName: "other", ...change })).rejects.toMatchObject(refused);
    await ecs.create(taskDefinition, { deploymentConfiguration: { deploymentCircuitBreaker: noBreaker } });
    await expect(ecs.update(change)).rejects.toMatchObject(refused);
    expect((await ecs.service()).deploymentConfiguration?.strategy).toBe("ROLLING");
  });
});
