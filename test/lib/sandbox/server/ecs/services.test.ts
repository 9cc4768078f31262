import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import {
  CreateClusterCommand,
  DeleteServiceCommand,
  DescribeClustersCommand,
  DescribeServiceDeploymentsCommand,
  DescribeServiceRevisionsCommand,
  DescribeServicesCommand,
  DescribeTasksCommand,
  ListServiceDeploymentsCommand,
  ListServicesCommand,
  ListTasksCommand,
  RegisterTaskDefinitionCommand,
  RunTaskCommand,
  StopServiceDeploymentCommand,
  StopTaskCommand,
  TagResourceCommand,
  UpdateServiceCommand,
} from "@aws-sdk/client-ecs";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { definition, network, openCluster, type OpenCluster } from "./cluster.ts";

// Services, their deployments and tasks as ECS's API reference (2014-11-13) has them, through the SDK.

let ecs: OpenCluster;
beforeEach(async () => {
  ecs = await openCluster();
});
afterEach(() => ecs.close());

const cluster = "main";
const completed = async (): Promise<boolean> =>
  (await ecs.service()).deployments?.every(({ rolloutState }) => rolloutState === "COMPLETED") === true;
async function started(): Promise<string> {
  const taskDefinition = await ecs.register("web");
  await ecs.create(taskDefinition, { desiredCount: 2 });
  await ecs.until(completed);
  return taskDefinition;
}

test("a service is made, changed, emptied and deleted", async () => {
  const taskDefinition = await started();
  const service = await ecs.service();
  expect(service).toMatchObject({
    serviceArn: "arn:aws:ecs:eu-west-1:000000000000:service/main/web",
    status: "ACTIVE",
    desiredCount: 2,
    runningCount: 2,
    pendingCount: 0,
    taskDefinition,
    schedulingStrategy: "REPLICA",
    deploymentConfiguration: { minimumHealthyPercent: 100, maximumPercent: 200, strategy: "ROLLING" },
  });
  expect(service.deployments?.[0]?.id).toMatch(/^ecs-svc\/\d{19}$/);
  expect((await ecs.client.send(new ListServicesCommand({ cluster }))).serviceArns).toEqual([service.serviceArn]);
  const gone = { cluster, service: "web" };
  await expect(ecs.client.send(new DeleteServiceCommand(gone))).rejects.toThrow(
    "The service cannot be stopped while it is scaled above 0.",
  );
  const answer = await ecs.client.send(new DeleteServiceCommand({ ...gone, force: true }));
  expect(answer.service?.status).toBe("DRAINING");
  await ecs.until(async () => (await ecs.service()).status === "INACTIVE");
  expect((await ecs.client.send(new ListServicesCommand({ cluster }))).serviceArns).toEqual([]);
  await expect(ecs.update({ desiredCount: 1 })).rejects.toMatchObject({ name: "ServiceNotActiveException" });
  await ecs.create(taskDefinition);
  expect((await ecs.service()).status).toBe("ACTIVE");
});

test("a deployment is begun by what changes its tasks, and by nothing else", async () => {
  const taskDefinition = await started();
  const before = (await ecs.service()).deployments?.[0]?.id;
  await ecs.update({ desiredCount: 3 });
  await ecs.update({ deploymentConfiguration: { minimumHealthyPercent: 50, maximumPercent: 150 } });
  await ecs.update({ taskDefinition });
  expect((await ecs.service()).deployments?.map(({ id }) => id)).toEqual([before]);
  const { service, arn } = await ecs.update({ forceNewDeployment: true });
  expect(service?.deployments?.map(({ status }) => status)).toEqual(["PRIMARY", "ACTIVE"]);
  expect(arn).toMatch(/:service-deployment\/main\/web\/[\w-]{21}$/);
});

test("a service deployment says whence it comes, where it leads and how it ended", async () => {
  await started();
  const { arn } = await ecs.update({ taskDefinition: await ecs.register("web") });
  await ecs.until(completed);
  const { serviceDeployments = [] } = await ecs.client.send(
    new ListServiceDeploymentsCommand({ cluster, service: "web" }),
  );
  expect(serviceDeployments.map(({ status }) => status)).toEqual(["SUCCESSFUL", "SUCCESSFUL"]);
  expect(serviceDeployments[0]?.serviceDeploymentArn).toBe(arn);
  const asked = new DescribeServiceDeploymentsCommand({ serviceDeploymentArns: [arn, `${arn}x`] });
  const { serviceDeployments: [found] = [], failures } = await ecs.client.send(asked);
  expect(found).toMatchObject({
    status: "SUCCESSFUL",
    targetServiceRevision: { arn: serviceDeployments[0]?.targetServiceRevisionArn, runningTaskCount: 2 },
    sourceServiceRevisions: [{ arn: serviceDeployments[1]?.targetServiceRevisionArn, runningTaskCount: 0 }],
    deploymentCircuitBreaker: { status: "MONITORING_COMPLETE", failureCount: 0, threshold: 3 },
  });
  expect(failures?.[0]?.reason).toBe("MISSING");
  const serviceRevisionArns = [found?.targetServiceRevision?.arn ?? ""];
  const { serviceRevisions } = await ecs.client.send(new DescribeServiceRevisionsCommand({ serviceRevisionArns }));
  expect(serviceRevisions?.[0]?.containerImages).toEqual([
    { containerName: "web", image: "repository:well", imageDigest: `sha256:${"0".repeat(64)}` },
  ]);
});

test("a revision says which image it pins before any task has pulled it", async () => {
  const [{ image: _, ...web } = {}] = definition("web").containerDefinitions ?? [];
  const imageDigest = `sha256:${"a".repeat(64)}`;
  const pinned = { ...web, image: `repository@${imageDigest}` };
  await ecs.client.send(new RegisterTaskDefinitionCommand({ ...definition("web"), containerDefinitions: [pinned] }));
  await ecs.create("web");
  const { serviceDeployments: [only] = [] } = await ecs.client.send(
    new ListServiceDeploymentsCommand({ cluster, service: "web" }),
  );
  const serviceRevisionArns = [only?.targetServiceRevisionArn ?? ""];
  const { serviceRevisions } = await ecs.client.send(new DescribeServiceRevisionsCommand({ serviceRevisionArns }));
  expect(serviceRevisions?.[0]?.containerImages).toEqual([{ containerName: "web", image: pinned.image, imageDigest }]);
});

test("service deployments are known for ninety days", async () => {
  await started();
  const list = async () =>
    (await ecs.client.send(new ListServiceDeploymentsCommand({ cluster, service: "web" }))).serviceDeployments?.length;
  ecs.clock.now += 89 * 24 * 3_600_000;
  expect(await list()).toBe(1);
  ecs.clock.now += 2 * 24 * 3_600_000;
  expect(await list()).toBe(0);
});

describe("a deployment that somebody stops", () => {
  test("goes back, and can no longer be stopped once it is over", async () => {
    const old = await started();
    const { arn, status } = await ecs.update({ taskDefinition: await ecs.register("web", "unchecked") });
    await ecs.looks(3);
    const stop = () => ecs.client.send(new StopServiceDeploymentCommand({ serviceDeploymentArn: arn }));
    expect((await stop()).serviceDeploymentArn).toBe(arn);
    expect(await status()).toBe("ROLLBACK_REQUESTED");
    await ecs.until(async () => (await status()) === "ROLLBACK_SUCCESSFUL");
    expect((await ecs.service()).taskDefinition).toBe(old);
    await expect(stop()).rejects.toMatchObject({ name: "ConflictException" });
  });

  test("has nothing to go back to where it is the first", async () => {
    await ecs.create(await ecs.register("web", "unchecked"));
    const serviceDeploymentArn = (await ecs.service()).currentServiceDeployment ?? "";
    await ecs.client.send(new StopServiceDeploymentCommand({ serviceDeploymentArn }));
    await ecs.look();
    const asked = new DescribeServiceDeploymentsCommand({ serviceDeploymentArns: [serviceDeploymentArn] });
    const { serviceDeployments } = await ecs.client.send(asked);
    expect(serviceDeployments?.[0]).toMatchObject({
      status: "ROLLBACK_FAILED",
      statusReason: "No rollback candidate was found to run the rollback.",
    });
  });
});

describe("tasks", () => {
  const run = async (change: object = {}) => {
    const usual = { cluster, taskDefinition: "once", launchType: "FARGATE", networkConfiguration: network } as const;
    return ecs.client.send(new RunTaskCommand({ ...usual, ...change }));
  };
  beforeEach(() => ecs.register("once"));

  test("are found by service, family, and who started them", async () => {
    await started();
    const { tasks = [] } = await run({ startedBy: "threads/12", count: 2 });
    const list = async (input: object) =>
      (await ecs.client.send(new ListTasksCommand({ cluster, ...input }))).taskArns?.length;
    expect([await list({ serviceName: "web" }), await list({ family: "once" }), await list({})]).toEqual([2, 2, 4]);
    expect(await list({ startedBy: "threads/12" })).toBe(2);
    await expect(list({ startedBy: "threads/12", family: "once" })).rejects.toThrow("only filter");
    expect(tasks[0]?.taskArn).toMatch(/:task\/main\/[0-9a-f]{32}$/);
  });

  test("are the same for the same token, and a conflict for other words", async () => {
    const first = await run({ clientToken: "threads-1-migrate" });
    const again = await run({ clientToken: "threads-1-migrate" });
    expect(again.tasks?.map(({ taskArn }) => taskArn)).toEqual(first.tasks?.map(({ taskArn }) => taskArn));
    await expect(run({ clientToken: "threads-1-migrate", count: 2 })).rejects.toMatchObject({
      name: "ConflictException",
      resourceIds: [first.tasks?.[0]?.taskArn],
    });
  });

  test("have the size that they are run with, and otherwise their definition's", async () => {
    const { tasks: [usual] = [] } = await run();
    const { tasks: [large] = [] } = await run({ overrides: { cpu: "512", memory: "1024" } });
    expect([usual, large].map((one) => [one?.cpu, one?.memory])).toEqual([
      ["256", "512"],
      ["512", "1024"],
    ]);
  });

  test("end when they are stopped, with the reason that was given", async () => {
    const { tasks: [task] = [] } = await run();
    await ecs.look();
    const stop = { cluster, task: task?.taskArn ?? "", reason: "the deadline of migrate" };
    expect((await ecs.client.send(new StopTaskCommand(stop))).task?.desiredStatus).toBe("STOPPED");
    await ecs.looks(2);
    const { tasks } = await ecs.client.send(new DescribeTasksCommand({ cluster, tasks: [stop.task] }));
    expect(tasks?.[0]).toMatchObject({
      lastStatus: "STOPPED",
      stopCode: "UserInitiated",
      stoppedReason: "the deadline of migrate",
      containers: [{ exitCode: 143 }],
    });
  });

  test.each([
    [{ networkConfiguration: undefined }, "Network Configuration must be provided"],
    [{ overrides: { containerOverrides: [{ name: "db" }] } }, "is not a container in the TaskDefinition"],
    [
      { overrides: { containerOverrides: [{ name: "web", environmentFiles: [{}] }] } },
      "no override of environmentFiles",
    ],
    [{ overrides: { containerOverrides: [{ name: "web", memory: "64" }] } }, "memory"],
    [{ overrides: { ephemeralStorage: { sizeInGiB: 30 } } }, "no override of ephemeralStorage"],
    [{ propagateTags: "SERVICE" }, "propagateTags"],
    [{ taskDefinition: "nobody" }, "TaskDefinition not found."],
    [{ startedBy: "a b" }, "startedBy"],
    [{ count: 11 }, "count"],
  ])("are refused: %o", async (change, says) => {
    await expect(run(change)).rejects.toThrow(says);
  });
});

test("what is not there is refused or told of beside what is", async () => {
  const lost = { cluster: "nobody", services: ["web"] };
  await expect(ecs.client.send(new DescribeServicesCommand(lost))).rejects.toMatchObject({
    name: "ClusterNotFoundException",
    message: "Cluster not found.",
  });
  await expect(ecs.client.send(new UpdateServiceCommand({ cluster, service: "nobody" }))).rejects.toMatchObject({
    name: "ServiceNotFoundException",
  });
  const { clusters, failures } = await ecs.client.send(new DescribeClustersCommand({ clusters: ["main", "nobody"] }));
  expect([clusters?.[0]?.status, failures?.[0]?.reason]).toEqual(["ACTIVE", "MISSING"]);
  await ecs.client.send(new CreateClusterCommand({ clusterName: "main" }));
  const many = { cluster, services: Array.from({ length: 11 }, (_, n) => `s${n}`) };
  await expect(ecs.client.send(new DescribeServicesCommand(many))).rejects.toThrow("more than 10");
});

test("a service is not made twice, nor with limits that leave no room, nor of what the sandbox does not have", async () => {
  const taskDefinition = await started();
  await expect(ecs.create(taskDefinition)).rejects.toThrow("Creation of service was not idempotent.");
  const refused = (change: object) => ecs.create(taskDefinition, { serviceName: "other", ...change });
  await expect(
    refused({ deploymentConfiguration: { minimumHealthyPercent: 100, maximumPercent: 100 } }),
  ).rejects.toThrow("cannot be 100 as this will block deployments");
  await expect(refused({ deploymentController: { type: "CODE_DEPLOY" } })).rejects.toThrow("CODE_DEPLOY");
  await expect(refused({ deploymentConfiguration: { strategy: "CANARY" } })).rejects.toThrow("CANARY");
  await expect(refused({ serviceConnectConfiguration: { enabled: true } })).rejects.toThrow(
    "no serviceConnectConfiguration.",
  );
  await expect(ecs.update({ serviceRegistries: [{ registryArn: "arn" }] })).rejects.toThrow("no serviceRegistries.");
  await ecs.update({ serviceRegistries: [], serviceConnectConfiguration: { enabled: false } });
  await expect(refused({ capacityProviderStrategy: [{ capacityProvider: "FARGATE" }] })).rejects.toThrow(
    "both a launch type",
  );
});

test("tags of a service are written one by one, and are nobody else's", async () => {
  await started();
  const { serviceArn: resourceArn = "", tags: before = [] } = await ecs.service();
  const tag = (value: string) => new TagResourceCommand({ resourceArn, tags: [{ key: "release", value }] });
  await ecs.client.send(tag("one"));
  await ecs.client.send(tag("two"));
  const asked = { cluster, services: ["web"], include: ["TAGS" as const] };
  const { services } = await ecs.client.send(new DescribeServicesCommand(asked));
  expect(services?.[0]?.tags).toEqual([...before, { key: "release", value: "two" }]);
  const nobody = new TagResourceCommand({ resourceArn: `${resourceArn}-2`, tags: [{ key: "release", value: "one" }] });
  await expect(ecs.client.send(nobody)).rejects.toThrow("not there");
});

test("a service that is asked for again with its token is the same one, and no other words", async () => {
  const taskDefinition = await ecs.register("web");
  const made = await ecs.create(taskDefinition, { clientToken: "once" });
  const again = await ecs.create(taskDefinition, { clientToken: "once" });
  expect(again?.deployments?.map(({ id }) => id)).toEqual(made?.deployments?.map(({ id }) => id));
  for (const change of [{ clientToken: "once", desiredCount: 2 }, { clientToken: "twice" }, {}])
    await expect(ecs.create(taskDefinition, change)).rejects.toThrow("Creation of service was not idempotent.");
});

test("everything is kept over a restart of the server", async () => {
  const stateDir = mkdtempSync(join(tmpdir(), "threads-ecs-"));
  await ecs.close();
  ecs = await openCluster({ stateDir });
  await started();
  await ecs.sandbox.restart();
  expect(await ecs.service()).toMatchObject({ runningCount: 2, status: "ACTIVE" });
  rmSync(stateDir, { recursive: true });
});
