import { mkdtempSync, rmSync } from "node:fs";
import { Agent } from "node:http";
import { connect } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import {
  type ContainerDefinition,
  CreateClusterCommand,
  DescribeTasksCommand,
  ECSClient,
  RegisterTaskDefinitionCommand,
  RunTaskCommand,
  type RunTaskCommandInput,
  StopTaskCommand,
  type Task,
} from "@aws-sdk/client-ecs";
import { PutParameterCommand, SSMClient } from "@aws-sdk/client-ssm";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { createEcs } from "../../src/lib/sandbox/server/ecs/ecs.ts";
import { dockerRunner } from "../../src/lib/sandbox/server/ecs/run/docker-runner.ts";
import { hostEngine, type Output, type TaskEngine } from "../../src/lib/sandbox/server/ecs/run/engine.ts";
import { createLogs } from "../../src/lib/sandbox/server/logs/logs.ts";
import type { LogStore } from "../../src/lib/sandbox/server/logs/streams.ts";
import { createSecretsManager } from "../../src/lib/sandbox/server/secrets/secrets-manager.ts";
import { dockerEngine } from "../../src/lib/sandbox/server/ssm/docker-engine.ts";
import { realPace } from "../../src/lib/sandbox/server/ssm/hosts.ts";
import { createSsmOn } from "../../src/lib/sandbox/server/ssm/ssm.ts";
import { connectUpstream } from "../../src/lib/sandbox/server/upstream.ts";
import { account, openSandbox, type OpenSandbox, region } from "../lib/sandbox/server/open-sandbox.ts";
import { eventually } from "../lib/sandbox/server/ssm/harness.ts";
import { end } from "./docker-tools.ts";

// Tasks as containers, on this machine's engine in the place of a host's. Its one image has a HEALTHCHECK that always fails.

const image = `threads-test-ecs:${process.pid}`;
const cluster = `test${process.pid}`;
const group = "/threads/ecs";
const minute = 60_000;
/** Milliseconds: the tests run beside each other. */
const patience = 45_000;

async function run(command: string, words: readonly string[], input?: string): Promise<Output> {
  const { code, stdout, stderr } = await end(command, words, { ...(input !== undefined && { input }) });
  return { exitCode: code, stdout, stderr };
}

const socketPath = "/var/run/docker.sock";
const here = { id: "i-0", reference: "", address: undefined };
const agent = Object.assign(new Agent({ keepAlive: true }), { createConnection: () => connect(socketPath) });
const engine: TaskEngine = {
  ...hostEngine(here, agent, dockerEngine(socketPath)),
  docker: (words) => run("docker", words),
  shell: (script) => run("/bin/sh", ["-ec", script]),
};

let sandbox: OpenSandbox;
let client: ECSClient;
let ssm: SSMClient;
let logs: LogStore;
/** Of the server: nothing here may make it complain. */
const complaints: string[] = [];
let ticking: NodeJS.Timeout;
const directory = mkdtempSync(join(tmpdir(), "threads-e2e-ecs-"));

beforeAll(async () => {
  const recipe = "FROM debian:trixie-slim\nHEALTHCHECK --interval=1s CMD false\nSTOPSIGNAL SIGINT\n";
  const built = await run("docker", ["build", "-q", "-t", image, "-"], recipe);
  if (built.exitCode !== 0) throw new Error(built.stderr);
  sandbox = await openSandbox({
    upstream: connectUpstream("http://127.0.0.1:1"),
    services: async (access, settings) => {
      const report = (line: string): void => void complaints.push(line);
      const executor = {
        hosts: async () => [],
        run: () => Promise.reject(new Error("no hosts")),
        restart: async () => {},
      };
      const parameters = await createSsmOn({ stateDir: directory, executor, pace: realPace, hiddenFor: 0, report });
      const secretsManager = await createSecretsManager({ stateDir: directory, now: Date.now });
      const opened = await createLogs(join(directory, "logs"), Date.now);
      logs = opened.store;
      const runner = dockerRunner({
        engines: async () => [engine],
        secrets: { ssm: parameters, secretsManager, access, account, region },
        logs,
        pace: { ...realPace, sleep: () => realPace.sleep(200) },
        report,
      });
      const ecs = await createEcs({ stateDir: directory, account, region, now: Date.now, settings, runner, report });
      ticking = setInterval(() => void ecs.tick(), 200);
      return [parameters, ecs.service];
    },
  });
  client = new ECSClient(sandbox.clientSettings);
  ssm = new SSMClient(sandbox.clientSettings);
  await client.send(new CreateClusterCommand({ clusterName: cluster }));
  await logs.createGroup(group);
  const read = { Sid: "Read", Effect: "Allow", Action: ["ssm:GetParameters"], Resource: ["*"] };
  const role = { name: "execution", policy: { Statement: [read] }, trust: { Statement: [] } };
  await fetch(`${sandbox.url}/_sandbox/roles`, { method: "PUT", body: JSON.stringify({ roles: [role] }) });
  await ssm.send(new PutParameterCommand({ Name: "/shop/key", Value: "hidden", Type: "SecureString" }));
}, 2 * minute);

afterAll(async () => {
  clearInterval(ticking);
  client.destroy();
  ssm.destroy();
  await sandbox.stop();
  const left = await run("docker", ["ps", "-aq", "--filter", `label=com.amazonaws.ecs.cluster=${cluster}`]);
  await run("docker", ["rm", "-f", ...left.stdout.split("\n").filter((id) => id !== "")]);
  // Another run of this test may still use these two.
  await run("docker", ["network", "rm", "threads-ecs"]);
  await run("docker", ["image", "rm", "threads-ecs-pause:1"]);
  await run("docker", ["image", "rm", "-f", image]);
  rmSync(directory, { recursive: true });
  if (complaints.length > 0) throw new Error(complaints.join("\n"));
}, minute);

const awslogs = {
  logDriver: "awslogs",
  options: { "awslogs-group": group, "awslogs-region": region, "awslogs-stream-prefix": "shop" },
} as const;

let families = 0;
/** EC2 runs an image that is there under its tag and cannot be pulled; Fargate does not. */
async function begin(
  containers: readonly Partial<ContainerDefinition>[],
  more: Partial<RunTaskCommandInput> = {},
): Promise<Task> {
  const family = `once${(families += 1)}`;
  await client.send(
    new RegisterTaskDefinitionCommand({
      family,
      networkMode: "awsvpc",
      requiresCompatibilities: ["EC2", "FARGATE"],
      cpu: "256",
      memory: "512",
      executionRoleArn: `arn:aws:iam::${account}:role/execution`,
      containerDefinitions: containers.map((one, n) => ({ name: `c${n}`, image, ...one })),
    }),
  );
  const { tasks: [task] = [] } = await client.send(
    new RunTaskCommand({
      cluster,
      taskDefinition: family,
      launchType: "EC2",
      networkConfiguration: { awsvpcConfiguration: { subnets: ["subnet-1"] } },
      ...more,
    }),
  );
  if (task === undefined) throw new Error("no task");
  return task;
}

async function look({ taskArn = "" }: Task): Promise<Task> {
  const { tasks: [task] = [] } = await client.send(new DescribeTasksCommand({ cluster, tasks: [taskArn] }));
  if (task === undefined) throw new Error(`there is no ${taskArn}`);
  return task;
}

const until = (task: Task, status: string) =>
  eventually(async () => {
    const found = await look(task);
    return found.lastStatus === status ? found : undefined;
  }, patience);
/** A first process that handles no signal is killed, and need not be waited for long. */
const sh = (script: string): Partial<ContainerDefinition> => ({ command: ["sh", "-c", script], stopTimeout: 2 });

describe("a task that is run once", { timeout: minute, concurrent: true }, () => {
  test("ends with its exit code, has said what it said, and was given its secrets", async () => {
    const task = await begin([
      {
        ...sh('echo "$PLAIN $KEY"; echo oops >&2; exit 3'),
        environment: [{ name: "PLAIN", value: "open" }],
        secrets: [{ name: "KEY", valueFrom: "/shop/key" }],
        logConfiguration: awslogs,
      },
    ]);
    expect(await until(task, "STOPPED")).toMatchObject({
      stopCode: "EssentialContainerExited",
      stoppedReason: "Essential container in task exited",
      containers: [{ exitCode: 3, lastStatus: "STOPPED" }],
    });
    const id = task.taskArn?.split("/").at(-1) ?? "";
    const stream = logs.streams(group).find(({ name }) => name === `shop/c0/${id}`);
    expect(stream?.events.map(({ message }) => message).toSorted()).toEqual(["oops", "open hidden"]);
    const left = await run("docker", ["ps", "-aq", "--filter", `label=threads.ecs-task=${id}`]);
    expect(left.stdout).toBe("");
  });

  test.each<readonly [string, Partial<ContainerDefinition>, object, string]>([
    [
      "a secret that is not there",
      { secrets: [{ name: "A", valueFrom: "/nobody" }] },
      {},
      "ResourceInitializationError: unable to pull secrets or registry auth",
    ],
    [
      "no log group",
      { logConfiguration: { ...awslogs, options: { ...awslogs.options, "awslogs-group": "/nobody" } } },
      {},
      "ResourceInitializationError: failed to validate logger args",
    ],
    ["an image that cannot be pulled", {}, { launchType: "FARGATE" }, "CannotPullContainerError"],
    ["a command that is not there", { command: ["/no/such"] }, {}, "CannotStartContainerError"],
  ])("never ran: %s", async (_, container, how, says) => {
    const task = await until(await begin([{ ...sh("true"), ...container }], how), "STOPPED");
    expect(task).toMatchObject({ stopCode: "TaskFailedToStart", stoppedReason: expect.stringContaining(says) });
    expect(task.containers?.[0]).not.toHaveProperty("exitCode");
  });

  test("is stopped by its image's own signal, and killed after its time", async () => {
    const polite = await begin([sh("trap 'exit 7' INT; while :; do sleep 0.1; done")]);
    const stubborn = await begin([sh("trap '' INT TERM; while :; do sleep 0.1; done")]);
    for (const task of [polite, stubborn]) {
      await until(task, "RUNNING");
      await client.send(new StopTaskCommand({ cluster, task: task.taskArn ?? "", reason: "the deadline" }));
    }
    const common = { stopCode: "UserInitiated", stoppedReason: "the deadline" };
    expect(await until(polite, "STOPPED")).toMatchObject({ ...common, containers: [{ exitCode: 7 }] });
    expect(await until(stubborn, "STOPPED")).toMatchObject({ ...common, containers: [{ exitCode: 137 }] });
  });

  test("that needs more memory than it may have says so", async () => {
    const hungry = { ...sh("exec perl -e '$x = \"x\" x 200_000_000'"), memory: 32 };
    const task = await until(await begin([hungry]), "STOPPED");
    expect(task.containers?.[0]).toMatchObject({ exitCode: 137, reason: expect.stringContaining("OutOfMemoryError") });
  });
});

describe("containers of a task", { timeout: minute, concurrent: true }, () => {
  test("share a network, begin in their order, and end with the first essential one", async () => {
    const server =
      "perl -MIO::Socket::INET -e '$s=IO::Socket::INET->new(LocalPort=>8000,Listen=>5,ReuseAddr=>1); while($c=$s->accept){print $c \"hello\n\"; close $c}'";
    const ask =
      "perl -MIO::Socket::INET -e '$s=IO::Socket::INET->new(PeerAddr=>\"127.0.0.1:8000\") or exit 9; print <$s>'";
    const check = { command: ["CMD-SHELL", ask], interval: 5, timeout: 2, retries: 3, startPeriod: 10 };
    const task = await begin([
      { ...sh(server), healthCheck: check },
      { ...sh("exit 0"), essential: false },
      {
        ...sh(`${ask} && sleep 2; exit 4`),
        dependsOn: [
          { containerName: "c0", condition: "HEALTHY" },
          { containerName: "c1", condition: "SUCCESS" },
        ],
        logConfiguration: awslogs,
      },
    ]);
    const ended = await until(task, "STOPPED");
    expect(ended.containers?.map(({ exitCode }) => exitCode)).toEqual([expect.any(Number), 0, 4]);
    const id = task.taskArn?.split("/").at(-1) ?? "";
    const stream = logs.streams(group).find(({ name }) => name === `shop/c2/${id}`);
    expect(stream?.events.map(({ message }) => message)).toEqual(["hello"]);
  });

  test("are looked at by the definition's check alone", async () => {
    const check = { command: ["CMD", "test", "-e", "/tmp/well"], interval: 5, timeout: 2, retries: 1 };
    const none = await begin([sh("sleep 60")]);
    const checked = await begin([{ ...sh("touch /tmp/well; sleep 60"), healthCheck: check }]);
    const healthy = await eventually(async () => {
      const found = await look(checked);
      return found.healthStatus === "HEALTHY" ? found : undefined;
    }, patience);
    expect(healthy.containers?.[0]?.healthStatus).toBe("HEALTHY");
    // The image's own check has failed several times by now.
    const unknown = { healthStatus: "UNKNOWN" };
    expect(await look(none)).toMatchObject({ ...unknown, containers: [unknown] });
    for (const { taskArn = "" } of [none, checked]) await client.send(new StopTaskCommand({ cluster, task: taskArn }));
    await Promise.all([until(none, "STOPPED"), until(checked, "STOPPED")]);
  });
});
