import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import type { Balancer, Place } from "../../../../../src/lib/sandbox/server/ecs/balance/balancer.ts";
import { createEcs, type Ecs } from "../../../../../src/lib/sandbox/server/ecs/ecs.ts";
import { dockerRunner } from "../../../../../src/lib/sandbox/server/ecs/run/docker-runner.ts";
import { type AccessControl, openAccessControl } from "../../../../../src/lib/sandbox/server/iam/access-control.ts";
import { createLogs } from "../../../../../src/lib/sandbox/server/logs/logs.ts";
import type { TaskEngine } from "../../../../../src/lib/sandbox/server/ecs/run/engine.ts";
import type { TaskRunner } from "../../../../../src/lib/sandbox/server/ecs/runner.ts";
import type { LogStore } from "../../../../../src/lib/sandbox/server/logs/streams.ts";
import type { JsonService } from "../../../../../src/lib/sandbox/server/protocol.ts";
import { createSecretsManager } from "../../../../../src/lib/sandbox/server/secrets/secrets-manager.ts";
import { createSsmOn } from "../../../../../src/lib/sandbox/server/ssm/ssm.ts";
import { account, credentials, region } from "../open-sandbox.ts";
import { eventually } from "../ssm/harness.ts";
import { bookkeeper } from "./engine.ts";

// What becomes of a task where containers are those of an engine that keeps books only: test/e2e/sandbox-ecs.test.ts has a real one.

interface ShownTask {
  readonly taskArn: string;
  readonly lastStatus: string;
  readonly stopCode?: string;
  readonly stoppedReason?: string;
  readonly healthStatus: string;
  readonly containers: readonly { readonly exitCode?: number; readonly healthStatus: string }[];
}

const group = "/threads/ecs";
const call = { identity: { account, accessKeyId: "", arn: "" }, requestId: "", region };
let docker: ReturnType<typeof bookkeeper>;
let directory: string;
let access: AccessControl;
let logs: LogStore;
let ssm: JsonService;
let secretsManager: JsonService;
/** Who gets requests, each time that the load balancer was told. */
let sent: (readonly Place[])[];
let server: { readonly ecs: Ecs; readonly end: () => Promise<void> };

beforeEach(async () => {
  directory = mkdtempSync(join(tmpdir(), "threads-ecs-containers-"));
  docker = bookkeeper();
  sent = [];
  const executor = { hosts: async () => [], run: () => Promise.reject(new Error("no hosts")), restart: async () => {} };
  const pace = { now: Date.now, sleep: async () => {} };
  ssm = await createSsmOn({ stateDir: directory, executor, pace, hiddenFor: 0, report: () => {} });
  secretsManager = await createSecretsManager({ stateDir: directory, now: Date.now });
  access = await openAccessControl({
    stateDir: directory,
    account,
    credentials: { ...credentials, region },
    now: Date.now,
  });
  ({ store: logs } = await createLogs(join(directory, "logs"), Date.now));
  await access.replace([execution(["*"])] as never);
  await logs.createGroup(group);
  server = await begin();
  await ask("CreateCluster", {});
});
afterEach(async () => {
  await server.end();
  rmSync(directory, { recursive: true });
});

/** A server on what there is. After its end it asks docker nothing, and takes nothing down, as if its process were gone. */
async function begin(): Promise<typeof server> {
  let isOver = false;
  let writing: Promise<unknown> = Promise.resolve();
  const report = (line: string): void => {
    throw new Error(line);
  };
  const whileAlive = <T>(work: () => Promise<T>): Promise<T> => (isOver ? new Promise<T>(() => {}) : work());
  const engine: TaskEngine = {
    ...docker.engine,
    api: (...words) => whileAlive(() => docker.engine.api(...words)),
    docker: (words) => whileAlive(() => docker.engine.docker(words)),
  };
  const onDocker = dockerRunner({
    engines: async () => [engine],
    secrets: { ssm, secretsManager, access, account, region },
    logs,
    pace: { now: Date.now, sleep: () => new Promise((resolve) => setTimeout(resolve, 1)) },
    report,
  });
  const runner: TaskRunner = {
    ...onDocker,
    run: (task, definition, tell) =>
      onDocker.run(task, definition, (seen) =>
        whileAlive(() => {
          const telling = tell(seen);
          writing = Promise.allSettled([writing, telling]);
          return telling;
        }),
      ),
  };
  const settings = { redAlarms: [], placementFailures: [], tasksHiddenMs: 0 };
  const group = { arn: "arn:tg", backend: "tg", path: "/", intervalSeconds: 0, timeoutSeconds: 1 };
  const targetGroups = [{ ...group, healthyCount: 1, unhealthyCount: 1, delaySeconds: 0 }];
  const balancer: Balancer = {
    check: async () => true,
    send: async (_, places) => void sent.push(places),
    split: async () => {},
  };
  const parts = { stateDir: directory, account, region, now: Date.now, settings, runner, report };
  const ecs = await createEcs({ ...parts, targetGroups, balancer });
  const end = async (): Promise<void> => {
    isOver = true;
    await writing;
  };
  return { ecs, end };
}

async function restart(): Promise<void> {
  await server.end();
  server = await begin();
  await server.ecs.tick();
}

/** The execution role of all tasks here. */
const execution = (resources: readonly string[]) => ({
  name: "execution",
  trust: { Version: "2012-10-17", Statement: [] },
  policy: {
    Version: "2012-10-17",
    Statement: [
      {
        Sid: "Read",
        Effect: "Allow",
        Action: ["ssm:GetParameters", "secretsmanager:GetSecretValue"],
        Resource: resources,
      },
    ],
  },
});

const ask = async (operation: string, input: object): Promise<unknown> =>
  server.ecs.service.operations[operation]?.(input as Record<string, unknown>, call);

async function run(
  container: object,
  launchType = "FARGATE",
  { others = [], overrides }: { readonly others?: readonly object[]; readonly overrides?: object } = {},
): Promise<string> {
  await ask("RegisterTaskDefinition", {
    family: "once",
    networkMode: "awsvpc",
    requiresCompatibilities: ["FARGATE", "EC2"],
    cpu: "256",
    memory: "512",
    executionRoleArn: `arn:aws:iam::${account}:role/execution`,
    containerDefinitions: [{ name: "web", image: "repository:1", ...container }, ...others],
  });
  const networkConfiguration = { awsvpcConfiguration: { subnets: ["subnet-1"] } };
  const answer = await ask("RunTask", { taskDefinition: "once", launchType, networkConfiguration, overrides });
  return (answer as { tasks: readonly ShownTask[] }).tasks[0]?.taskArn ?? "";
}

const until = (arn: string, status: string): Promise<ShownTask> =>
  eventually(async () => {
    const { tasks } = (await ask("DescribeTasks", { tasks: [arn] })) as { tasks: readonly ShownTask[] };
    return tasks[0]?.lastStatus === status ? tasks[0] : undefined;
  });

test("a task has the exit code of its container, and leaves nothing", async () => {
  const task = await run({});
  await until(task, "RUNNING");
  docker.exit("web", 3);
  expect(await until(task, "STOPPED")).toMatchObject({
    stopCode: "EssentialContainerExited",
    containers: [{ exitCode: 3 }],
  });
  expect([...docker.containers.keys()]).toEqual([]);
});

describe("there is no exit code, and the task says why, where", () => {
  test.each<readonly [string, object, string, string]>([
    ["docker cannot start it", { command: ["/no/such"] }, "FARGATE", "CannotStartContainerError"],
    ["its image is gone", { image: "gone:1" }, "FARGATE", "CannotPullContainerError: gone:1: not found"],
    ["its secret is not there", { secrets: [{ name: "KEY", valueFrom: "/nobody" }] }, "FARGATE", "/nobody"],
  ])("%s", async (_, container, launchType, says) => {
    const task = await until(await run(container, launchType), "STOPPED");
    expect(task).toMatchObject({ stopCode: "TaskFailedToStart", stoppedReason: expect.stringContaining(says) });
    expect(task.containers[0]).not.toHaveProperty("exitCode");
  });
});

test("what others wait for is stopped after them", async () => {
  const db = { name: "db", image: "repository:1" };
  const waiting = { dependsOn: [{ containerName: "db", condition: "START" }] };
  const task = await run(waiting, "FARGATE", { others: [db] });
  await until(task, "RUNNING");
  await ask("StopTask", { task });
  await until(task, "STOPPED");
  expect(docker.stopped).toEqual(["web", "db"]);
});

test("an instance of EC2 starts the image that it has from before, where that can no longer be pulled", async () => {
  expect((await until(await run({ image: "gone:1" }, "EC2"), "RUNNING")).stoppedReason).toBeUndefined();
});

test("the image's own check counts for nothing, the definition's does", async () => {
  const { healthStatus, containers } = await until(await run({}), "RUNNING");
  expect([healthStatus, containers[0]?.healthStatus]).toEqual(["UNKNOWN", "UNKNOWN"]);
  const checked = await run({ name: "checked", healthCheck: { command: ["CMD", "true"] } });
  expect((await until(checked, "RUNNING")).healthStatus).toBe("HEALTHY");
});

test("what a load balancer is to reach is published on the machine, and nothing else", async () => {
  const port = { portMappings: [{ containerPort: 8080 }] };
  await run({ ...port, name: "alone" });
  const networkConfiguration = { awsvpcConfiguration: { subnets: ["subnet-1"] } };
  const loadBalancers = [{ targetGroupArn: "arn:tg", containerName: "web", containerPort: 8080 }];
  await until(await run(port), "RUNNING");
  const wanted = { taskDefinition: "once", desiredCount: 1, launchType: "FARGATE", networkConfiguration };
  await ask("CreateService", { ...wanted, serviceName: "web", loadBalancers });
  await eventually(async () => {
    await server.ecs.tick();
    return sent.at(-1)?.length === 1 || undefined;
  });
  expect(sent.at(-1)).toEqual([{ address: "10.0.0.7:32768", takes: true }]);
  const published = [...docker.containers].flatMap(([name, { body }]) => {
    const ports = Object.keys(body.HostConfig?.PortBindings ?? {});
    return ports.map((port) => `${name.replace(/-[0-9a-f]{20}$/, "")} ${port}`);
  });
  expect(published).toEqual(["ecs-once-2-internal-ecs-pause 8080/tcp"]);
});

test("a task that is run with other memory has it, as a whole or in one container", async () => {
  const memoryOf = async (container: object, overrides: object) => {
    await until(await run(container, "FARGATE", { overrides }), "RUNNING");
    const last = [...docker.containers.values()].findLast(
      ({ body }) => body.Labels["com.amazonaws.ecs.container-name"] === "web",
    );
    return Number(last?.body.HostConfig?.Memory) / 2 ** 20;
  };
  expect(await memoryOf({}, {})).toBe(512);
  expect(await memoryOf({}, { memory: "1024" })).toBe(1024);
  const one = { containerOverrides: [{ name: "web", memory: 64 }] };
  expect(await memoryOf({ memory: 128 }, one)).toBe(64);
});

describe("secrets", () => {
  const key = `arn:aws:ssm:${region}:${account}:parameter/shop/key`;
  const parameter = { Name: "/shop/key", Value: "hidden", Type: "SecureString" };
  beforeEach(() => ssm.operations["PutParameter"]?.(parameter, call));

  test("come from Parameter Store, by name or ARN, and from one key of a secret", async () => {
    const secret = await secretsManager.operations["CreateSecret"]?.({ Name: "shop", SecretString: '{"A":"1"}' }, call);
    const { ARN: arn } = secret as { readonly ARN: string };
    const named = Object.entries({ NAME: "/shop/key", ARN: key, JSON: `${arn}:A::` });
    await until(await run({ secrets: named.map(([name, valueFrom]) => ({ name, valueFrom })) }), "RUNNING");
    expect(docker.named("web").body.Env).toEqual(["NAME=hidden", "ARN=hidden", "JSON=1"]);
  });

  test("are read by the execution role, which has to be there", async () => {
    const secrets = [{ name: "KEY", valueFrom: "/shop/key" }];
    await access.replace([]);
    const unknown = await until(await run({ secrets }), "STOPPED");
    expect(unknown.stoppedReason).toContain(
      `ECS was unable to assume the role 'arn:aws:iam::${account}:role/execution'`,
    );
    await access.replace([execution([`${key}s`])] as never);
    const refused = await until(await run({ secrets }), "STOPPED");
    expect(refused.stoppedReason).toContain(`execution/`);
    expect(refused.stoppedReason).toContain("is not authorized to perform: ssm:GetParameters");
    const overrides = { executionRoleArn: `arn:aws:iam::${account}:role/other` };
    const other = await until(await run({ secrets }, "FARGATE", { overrides }), "STOPPED");
    expect(other.stoppedReason).toContain("role/other");
    await access.replace([execution([key])] as never);
    await until(await run({ secrets }), "RUNNING");
  });
});

describe("a server that is started anew", () => {
  const options = { "awslogs-group": group, "awslogs-region": region, "awslogs-stream-prefix": "shop" };
  const logConfiguration = { logDriver: "awslogs", options };

  test("takes a task up as it is, and brings what it says from then on", async () => {
    const task = await run({ logConfiguration });
    await until(task, "RUNNING");
    const said = () => logs.streams(group)[0]?.events.map(({ message }) => message);
    const saying = async (text: string): Promise<void> => {
      docker.say("web", text);
      await eventually(async () => said()?.includes(text) === true || undefined);
    };
    await saying("one");
    await saying("two");
    const before = [...docker.created];
    await restart();
    await saying("three");
    docker.exit("web", 0);
    expect(await until(task, "STOPPED")).toMatchObject({ containers: [{ exitCode: 0 }] });
    expect(docker.created).toEqual(before);
    expect(said()).toEqual(["one", "two", "three"]);
  });

  test("ends one that was told to stop", async () => {
    const task = await run({});
    await until(task, "RUNNING");
    await server.end();
    await ask("StopTask", { task, reason: "the deadline" });
    await restart();
    expect(await until(task, "STOPPED")).toMatchObject({
      stoppedReason: "the deadline",
      containers: [{ exitCode: 143 }],
    });
  });
});
