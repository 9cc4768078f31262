import {
  DeregisterTaskDefinitionCommand,
  DescribeServicesCommand,
  DescribeTasksCommand,
  ListTasksCommand,
  RunTaskCommand,
  waitUntilServicesStable,
  waitUntilTasksRunning,
  waitUntilTasksStopped,
} from "@aws-sdk/client-ecs";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { network, openCluster, type OpenCluster } from "./cluster.ts";

// In what ways a client that believes ECS's first word is wrong. Each has to be possible here: what cannot go wrong in the
// sandbox is not tested by it.

let ecs: OpenCluster;
beforeAll(async () => {
  ecs = await openCluster();
});
afterAll(() => ecs.close());

const completed = async (name = "web"): Promise<boolean> =>
  (await ecs.service(name)).deployments?.every(({ rolloutState }) => rolloutState === "COMPLETED") === true;
const stable = async (service: string): Promise<unknown> =>
  (await waitUntilServicesStable({ client: ecs.client, maxWaitTime: 20 }, { cluster: "main", services: [service] }))
    .state;
const run = async (taskDefinition: string) =>
  ecs.client.send(
    new RunTaskCommand({ cluster: "main", taskDefinition, launchType: "FARGATE", networkConfiguration: network }),
  );

describe("services-stable says yes", () => {
  test("of a service that was rolled back", async () => {
    await ecs.create(await ecs.register("web"));
    await ecs.until(completed);
    const { service, status } = await ecs.update({ taskDefinition: await ecs.register("web", "sick") });
    const ours = service?.deployments?.find((one) => one.status === "PRIMARY")?.id;
    await ecs.until(async () => (await status()) === "ROLLBACK_SUCCESSFUL");
    expect(await stable("web")).toBe("SUCCESS");
    expect((await ecs.service()).deployments?.map(({ id }) => id)).not.toContain(ours);
  });

  test("while the only deployment is IN_PROGRESS", async () => {
    await ecs.create(await ecs.register("unchecked", "unchecked"), { serviceName: "unchecked" });
    await ecs.looks(3);
    const [only, ...others] = (await ecs.service("unchecked")).deployments ?? [];
    expect([only?.rolloutState, others.length, await stable("unchecked")]).toEqual(["IN_PROGRESS", 0, "SUCCESS"]);
  });

  test("of a service that is to have no task", async () => {
    await ecs.create(await ecs.register("none", "cannot-pull"), { serviceName: "none", desiredCount: 0 });
    expect(await stable("none")).toBe("SUCCESS");
  });
});

test("of two services of which one is not there the other is answered, with HTTP 200", async () => {
  const asked = { cluster: "main", services: ["none", "nobody"] };
  const { services, failures } = await ecs.client.send(new DescribeServicesCommand(asked));
  expect([services?.length, failures?.map(({ reason }) => reason)]).toEqual([1, ["MISSING"]]);
});

test("without a check in its definition a task is UNKNOWN for ever, and its deployment SUCCESSFUL after 40 seconds", async () => {
  await ecs.until(() => completed("unchecked"));
  const { taskArns = [] } = await ecs.client.send(new ListTasksCommand({ cluster: "main", serviceName: "unchecked" }));
  const { tasks } = await ecs.client.send(new DescribeTasksCommand({ cluster: "main", tasks: taskArns }));
  expect(tasks).toMatchObject([{ healthStatus: "UNKNOWN", lastStatus: "RUNNING" }]);
});

describe("of a task that is run once", () => {
  test("there is no exit code where its container never ran, and tasks-stopped says yes", async () => {
    const { tasks = [] } = await run(await ecs.register("never", "cannot-pull"));
    const asked = { cluster: "main", tasks: tasks.map(({ taskArn = "" }) => taskArn) };
    await ecs.looks(2);
    const { tasks: [task] = [] } = await ecs.client.send(new DescribeTasksCommand(asked));
    expect(task).toMatchObject({ lastStatus: "STOPPED", stopCode: "TaskFailedToStart" });
    expect(task?.containers?.[0]).not.toHaveProperty("exitCode");
    const waited = await waitUntilTasksStopped({ client: ecs.client, maxWaitTime: 20 }, asked);
    expect(waited.state).toBe("SUCCESS");
  });

  test("there is HTTP 200 and no task where none could be placed", async () => {
    await ecs.sandbox.settings({ placementFailures: ["RESOURCE:MEMORY"] });
    const { tasks, failures } = await run("never");
    expect([tasks, failures?.map(({ reason }) => reason)]).toEqual([[], ["RESOURCE:MEMORY"]]);
    expect((await run("never")).tasks).toHaveLength(1);
  });

  test("tasks-running throws once it has ended well", async () => {
    const { tasks: [task] = [] } = await run(await ecs.register("quick", "ends-0"));
    await ecs.looks(3);
    const asked = { cluster: "main", tasks: [task?.taskArn ?? ""] };
    expect(await ecs.client.send(new DescribeTasksCommand(asked))).toMatchObject({
      tasks: [{ lastStatus: "STOPPED", stopCode: "EssentialContainerExited", containers: [{ exitCode: 0 }] }],
    });
    await expect(waitUntilTasksRunning({ client: ecs.client, maxWaitTime: 20 }, asked)).rejects.toThrow("FAILURE");
  });

  test("nothing may be known of it right after it was begun: MISSING is not yet gone", async () => {
    await ecs.sandbox.settings({ tasksHiddenMs: 3_000 });
    const { tasks: [task] = [] } = await run(await ecs.register("hidden", "stays"));
    const asked = new DescribeTasksCommand({ cluster: "main", tasks: [task?.taskArn ?? ""] });
    const { tasks, failures } = await ecs.client.send(asked);
    expect([tasks, failures?.[0]?.reason]).toEqual([[], "MISSING"]);
    await ecs.looks(3);
    expect((await ecs.client.send(asked)).tasks?.[0]?.lastStatus).toBe("RUNNING");
    await ecs.sandbox.settings({ tasksHiddenMs: 0 });
  });

  test("nothing limits its time", async () => {
    const { tasks: [task] = [] } = await run(await ecs.register("long", "stays"));
    await ecs.look();
    ecs.clock.now += 7 * 24 * 3_600_000;
    await ecs.look();
    const asked = { cluster: "main", tasks: [task?.taskArn ?? ""] };
    expect((await ecs.client.send(new DescribeTasksCommand(asked))).tasks?.[0]?.lastStatus).toBe("RUNNING");
  });

  test("nothing is known an hour after its end", async () => {
    const { tasks: [task] = [] } = await run("quick");
    const asked = { cluster: "main", tasks: [task?.taskArn ?? ""] };
    await ecs.looks(3);
    ecs.clock.now += 3_590_000;
    await ecs.look();
    expect((await ecs.client.send(new DescribeTasksCommand(asked))).tasks?.[0]?.lastStatus).toBe("STOPPED");
    ecs.clock.now += 20_000;
    await ecs.look();
    const { tasks, failures } = await ecs.client.send(new DescribeTasksCommand(asked));
    expect([tasks, failures?.[0]?.reason]).toEqual([[], "MISSING"]);
  });
});

test("a release that fails before a rollback is COMPLETED stalls, and the service serves what there was", async () => {
  await ecs.create(await ecs.register("stall"), { serviceName: "stall", desiredCount: 2 });
  await ecs.until(() => completed("stall"));
  const update = async (fate: "cannot-pull") =>
    ecs.update({ taskDefinition: await ecs.register("stall", fate), service: "stall" });
  const first = await update("cannot-pull");
  await ecs.until(async () => (await first.status()) === "ROLLBACK_IN_PROGRESS");
  const second = await update("cannot-pull");
  await ecs.until(async () => (await second.status()) === "ROLLBACK_FAILED");
  await ecs.looks(60);
  const { deployments = [], runningCount } = await ecs.service("stall");
  expect(deployments.map(({ rolloutState }) => rolloutState)).toEqual(["FAILED", "IN_PROGRESS"]);
  expect(runningCount).toBe(2);
});

test("an alarm that is red when a deployment begins protects nothing", async () => {
  const alarms = { enable: true, rollback: true, alarmNames: ["errors"] };
  const deploymentConfiguration = { alarms, bakeTimeInMinutes: 1 };
  await ecs.create(await ecs.register("alarmed"), { serviceName: "alarmed", deploymentConfiguration });
  await ecs.until(() => completed("alarmed"));
  await ecs.sandbox.settings({ redAlarms: ["errors"] });
  const taskDefinition = await ecs.register("alarmed");
  const { status } = await ecs.update({ taskDefinition, service: "alarmed" });
  await ecs.until(() => completed("alarmed"));
  await ecs.sandbox.settings({ redAlarms: [] });
  expect(await status()).toBe("SUCCESSFUL");
});

test("a definition that was deregistered cannot be gone back to, though what runs of it goes on", async () => {
  const [old, next] = [await ecs.register("gone"), await ecs.register("gone")];
  await ecs.create(old, { serviceName: "gone" });
  await ecs.until(() => completed("gone"));
  await ecs.client.send(new DeregisterTaskDefinitionCommand({ taskDefinition: old }));
  await ecs.update({ taskDefinition: next, service: "gone" });
  await ecs.until(() => completed("gone"));
  await expect(ecs.update({ taskDefinition: old, service: "gone" })).rejects.toMatchObject({
    name: "ClientException",
    message: "TaskDefinition is inactive",
  });
});
