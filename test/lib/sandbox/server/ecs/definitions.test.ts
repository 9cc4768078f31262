import {
  DeregisterTaskDefinitionCommand,
  DescribeTaskDefinitionCommand,
  ListTaskDefinitionFamiliesCommand,
  ListTaskDefinitionsCommand,
  RegisterTaskDefinitionCommand,
} from "@aws-sdk/client-ecs";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { definition, openCluster, type OpenCluster } from "./cluster.ts";

// Task definitions as ECS's API reference (2014-11-13) has them, through the SDK. Texts in full are those that real accounts have shown.

let ecs: OpenCluster;
beforeAll(async () => {
  ecs = await openCluster();
});
afterAll(() => ecs.close());

const arn = (key: string): string => `arn:aws:ecs:eu-west-1:000000000000:task-definition/${key}`;
const register = (change: object) =>
  ecs.client.send(new RegisterTaskDefinitionCommand({ ...definition("refused"), ...change }));
const container = (change: object) => ({ containerDefinitions: [{ name: "web", image: "web:1", ...change }] });

test("each registration is a revision of its family, and is described with what ECS fills in", async () => {
  expect([await ecs.register("web"), await ecs.register("web")]).toEqual([arn("web:1"), arn("web:2")]);
  const { taskDefinition } = await ecs.client.send(new DescribeTaskDefinitionCommand({ taskDefinition: "web" }));
  expect(taskDefinition).toMatchObject({
    taskDefinitionArn: arn("web:2"),
    revision: 2,
    status: "ACTIVE",
    compatibilities: ["EC2", "FARGATE"],
    registeredAt: new Date(ecs.clock.now),
    containerDefinitions: [
      { essential: true, cpu: 0, environment: [], healthCheck: { interval: 5, timeout: 5, retries: 3 } },
    ],
  });
  for (const name of ["web:1", arn("web:1")]) {
    const { taskDefinition: first } = await ecs.client.send(
      new DescribeTaskDefinitionCommand({ taskDefinition: name }),
    );
    expect(first?.revision).toBe(1);
  }
});

test("a revision that was deregistered counts, is described, and is not what its family stands for", async () => {
  await ecs.register("old");
  await ecs.register("old");
  await ecs.client.send(new DeregisterTaskDefinitionCommand({ taskDefinition: "old:2" }));
  const describe = async (taskDefinition: string) =>
    (await ecs.client.send(new DescribeTaskDefinitionCommand({ taskDefinition }))).taskDefinition;
  expect([(await describe("old"))?.revision, (await describe("old:2"))?.status]).toEqual([1, "INACTIVE"]);
  expect(await ecs.register("old")).toBe(arn("old:3"));
  const list = async (status?: "INACTIVE") =>
    (await ecs.client.send(new ListTaskDefinitionsCommand({ familyPrefix: "old", sort: "DESC", status })))
      .taskDefinitionArns;
  expect([await list(), await list("INACTIVE")]).toEqual([[arn("old:3"), arn("old:1")], [arn("old:2")]]);
});

test("lists come in pages, by whole names of families", async () => {
  for (let n = 0; n < 4; n += 1) await ecs.register("pages");
  await ecs.register("pages-more");
  const found: (readonly string[])[] = [];
  let nextToken: string | undefined;
  do {
    const asked = new ListTaskDefinitionsCommand({ familyPrefix: "pages", maxResults: 2, nextToken });
    const answer = await ecs.client.send(asked);
    found.push(answer.taskDefinitionArns ?? []);
    ({ nextToken } = answer);
  } while (nextToken !== undefined);
  expect(found).toEqual([
    [arn("pages:1"), arn("pages:2")],
    [arn("pages:3"), arn("pages:4")],
  ]);
});

test("a page goes on where the one before ended, whatever has gone since", async () => {
  for (let n = 0; n < 3; n += 1) await ecs.register("going");
  const list = (more: object) =>
    ecs.client.send(new ListTaskDefinitionsCommand({ familyPrefix: "going", maxResults: 2, ...more }));
  const { nextToken } = await list({});
  await ecs.client.send(new DeregisterTaskDefinitionCommand({ taskDefinition: "going:2" }));
  expect((await list({ nextToken })).taskDefinitionArns).toEqual([arn("going:3")]);
  const newest = await list({ sort: "DESC", maxResults: 1 });
  expect(newest.taskDefinitionArns).toEqual([arn("going:3")]);
  const older = await list({ sort: "DESC", maxResults: 1, nextToken: newest.nextToken });
  expect([older.taskDefinitionArns, older.nextToken]).toEqual([[arn("going:1")], undefined]);
  await expect(list({ nextToken: "made-up" })).rejects.toThrow("Invalid token");
});

test("tags stand beside a definition, and are answered to who asks for them", async () => {
  await register({ family: "tagged", tags: [{ key: "threads:release", value: "sha256:1" }] });
  const asked = { taskDefinition: "tagged" };
  expect((await ecs.client.send(new DescribeTaskDefinitionCommand(asked))).tags).toBeUndefined();
  const { tags } = await ecs.client.send(new DescribeTaskDefinitionCommand({ ...asked, include: ["TAGS"] }));
  expect(tags).toEqual([{ key: "threads:release", value: "sha256:1" }]);
});

test("what the sandbox does not know may be there where it says nothing", async () => {
  const nothing = {
    environmentFiles: [],
    volumesFrom: [],
    restartPolicy: { enabled: false },
    disableNetworking: false,
  };
  await expect(register({ ...container(nothing), volumes: [{ name: "own", host: {} }] })).resolves.toBeDefined();
});

describe("refused with a ClientException is", () => {
  const check = (change: object) => container({ healthCheck: { command: ["CMD", "true"], ...change } });
  test.each<readonly [string, object, string]>([
    [
      "a size that Fargate does not have",
      { cpu: "256", memory: "4096" },
      "No Fargate configuration exists for given values.",
    ],
    ["no cpu", { cpu: undefined }, "Fargate requires that 'cpu' be defined at the task level."],
    ["no memory", { memory: undefined }, "Fargate requires that 'memory' be defined at the task level."],
    ["another network", { networkMode: "bridge" }, "Fargate only supports network mode ‘awsvpc’."],
    ["no container", { containerDefinitions: [] }, "Container list cannot be empty."],
    [
      "eleven containers",
      { containerDefinitions: Array.from({ length: 11 }, (_, n) => ({ name: `c${n}`, image: "i" })) },
      "at most 10",
    ],
    ...["environmentFiles", "volumesFrom", "links"].map((key): [string, object, string] => [
      key,
      container({ [key]: key === "links" ? ["db"] : [{}] }),
      `The sandbox knows no ${key}, which container 'web' has.`,
    ]),
    ["privileges", { requiresCompatibilities: ["EC2"], ...container({ privileged: true }) }, "knows no privileged"],
    ["privileges on Fargate", container({ privileged: true }), "Fargate compatible task definitions do not support"],
    ["one process table for all", { pidMode: "task" }, "The sandbox knows no pidMode."],
    [
      "a proxy",
      { proxyConfiguration: { containerName: "web", type: "APPMESH" } },
      "The sandbox knows no proxyConfiguration.",
    ],
    [
      "a volume of EFS",
      { volumes: [{ name: "data", efsVolumeConfiguration: { fileSystemId: "fs-1" } }] },
      "and not efsVolumeConfiguration of 'data'.",
    ],
    [
      "a folder of the machine",
      { volumes: [{ name: "data", host: { sourcePath: "/srv" } }] },
      "and not host.sourcePath of 'data'.",
    ],
    ["a restart policy", container({ restartPolicy: { enabled: true } }), "knows no restartPolicy"],
    ["shared memory", container({ linuxParameters: { sharedMemorySize: 64 } }), "no linuxParameters.sharedMemorySize"],
    ["no image", container({ image: "" }), "Container.image should not be null or empty."],
    [
      "an image of 256 characters before its digest",
      container({ image: `${"a".repeat(256)}@sha256:1` }),
      "longer than 255",
    ],
    ["a stop timeout over 120 s", container({ stopTimeout: 121 }), "at most 120 seconds on Fargate"],
    ["no-new-privileges", container({ dockerSecurityOptions: ["no-new-privileges"] }), "dockerSecurityOptions"],
    ["an interval under 5 s", check({ interval: 4 }), "interval must be between 5 and 300"],
    ["a timeout over 60 s", check({ timeout: 61 }), "timeout must be between 2 and 60"],
    ["eleven retries", check({ retries: 11 }), "retries must be between 1 and 10"],
    ["a check of another form", check({ command: ["curl"] }), "command must begin with CMD, CMD-SHELL or NONE"],
    ["no essential container", container({ essential: false }), "at least one essential container"],
    [
      "awslogs without an execution role",
      container({
        logConfiguration: {
          logDriver: "awslogs",
          options: { "awslogs-group": "g", "awslogs-region": "r", "awslogs-stream-prefix": "p" },
        },
      }),
      "execution role ARN to support log driver awslogs",
    ],
    [
      "awslogs without a prefix",
      container({
        logConfiguration: { logDriver: "awslogs", options: { "awslogs-group": "g", "awslogs-region": "r" } },
      }),
      "awslogs-stream-prefix",
    ],
    [
      "a secret under the name of a variable",
      container({ environment: [{ name: "A", value: "1" }], secrets: [{ name: "A", valueFrom: "/a" }] }),
      "secret name must be unique",
    ],
    [
      "a wait for nobody",
      container({ dependsOn: [{ containerName: "db", condition: "START" }] }),
      "container 'db' does not exist",
    ],
    ["64 KiB", container({ environment: [{ name: "A", value: "x".repeat(65_536) }] }), "64 KiB"],
    [
      "a host port of its own",
      container({ portMappings: [{ containerPort: 80, hostPort: 8080 }] }),
      "host ports and container ports",
    ],
  ])("%s", async (_, change, says) => {
    await expect(register(change)).rejects.toMatchObject({
      name: "ClientException",
      message: expect.stringContaining(says),
    });
  });

  test("a circle of waits", async () => {
    const one = (name: string, containerName: string) => ({
      name,
      image: "i",
      dependsOn: [{ containerName, condition: "START" }],
    });
    await expect(register({ containerDefinitions: [one("a", "b"), one("b", "a")] })).rejects.toThrow("cycle");
  });

  test("on EC2, a container without memory", async () => {
    const onEc2 = { requiresCompatibilities: ["EC2"], networkMode: "bridge", cpu: undefined, memory: undefined };
    await expect(register({ ...onEc2, ...container({}) })).rejects.toThrow(
      "Invalid setting for container 'web'. At least one of 'memory' or 'memoryReservation' must be specified.",
    );
  });

  test("one that is not there", async () => {
    const taskDefinition = "nobody:1";
    await expect(ecs.client.send(new DescribeTaskDefinitionCommand({ taskDefinition }))).rejects.toThrow(
      "Unable to describe task definition.",
    );
    await expect(ecs.client.send(new DeregisterTaskDefinitionCommand({ taskDefinition }))).rejects.toThrow(
      "does not exist",
    );
  });
});

test("families are listed by their beginning, and by whether one of their revisions is still ACTIVE", async () => {
  for (const family of ["list-b", "list-a", "list-old"]) await ecs.register(family);
  await ecs.client.send(new DeregisterTaskDefinitionCommand({ taskDefinition: "list-old:1" }));
  const families = async (status?: "ACTIVE" | "INACTIVE"): Promise<string[] | undefined> =>
    (await ecs.client.send(new ListTaskDefinitionFamiliesCommand({ familyPrefix: "list-", status }))).families;
  expect(await families("ACTIVE")).toEqual(["list-a", "list-b"]);
  expect(await families("INACTIVE")).toEqual(["list-old"]);
  expect(await families()).toEqual(["list-a", "list-b", "list-old"]);
});
