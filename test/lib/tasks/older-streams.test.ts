import {
  DescribeTaskDefinitionCommand,
  ListTasksCommand,
  RegisterTaskDefinitionCommand,
  type RegisterTaskDefinitionCommandInput,
  RunTaskCommand,
  UpdateServiceCommand,
} from "@aws-sdk/client-ecs";
import { afterEach, beforeEach, expect, test } from "vitest";
import type { EcsEnvironment } from "../../../src/lib/ecs/environment-on-ecs.ts";
import { type OlderStreams, olderStreams } from "../../../src/lib/tasks/older-streams.ts";
import { give, orderOf } from "./orders.ts";
import { openWorld, type OpenWorld } from "./world.ts";

// Streams as tasks called them that were made before a prefix said whose they are.

let world: OpenWorld;
beforeEach(async () => {
  world = await openWorld();
});
afterEach(() => world.close());

const find = (environment: EcsEnvironment = world.environment): Promise<readonly OlderStreams[]> =>
  olderStreams(environment, { config: world.config, call: world.ports.call });
/** The same log group, of which threads.yml says that it is somebody's who may share it. */
const shared = (): EcsEnvironment => ({
  ...world.environment,
  ecs: { ...world.environment.ecs, logGroup: "/shop/prod" },
});

/** The same once more, with the prefix of before. @returns its ARN */
async function registerAsBefore(definition: string, prefix: string): Promise<string> {
  const { taskDefinition = {} } = await world.client.send(
    new DescribeTaskDefinitionCommand({ taskDefinition: definition }),
  );
  const { family, networkMode, requiresCompatibilities, cpu, memory, executionRoleArn } = taskDefinition;
  const containerDefinitions = taskDefinition.containerDefinitions?.map((one) => ({
    ...one,
    logConfiguration: {
      logDriver: "awslogs" as const,
      options: { ...one.logConfiguration?.options, "awslogs-stream-prefix": prefix },
    },
  }));
  const made: Omit<RegisterTaskDefinitionCommandInput, "family" | "containerDefinitions"> = {
    networkMode,
    requiresCompatibilities,
    cpu,
    memory,
    executionRoleArn,
  };
  const again = new RegisterTaskDefinitionCommand({ ...made, family, containerDefinitions });
  return (await world.client.send(again)).taskDefinition?.taskDefinitionArn ?? "";
}

async function runAsBefore(service: string, prefix: string): Promise<void> {
  const runs = (await world.service(service))?.taskDefinition ?? "";
  const taskDefinition = await registerAsBefore(runs, prefix);
  await world.client.send(new UpdateServiceCommand({ cluster: "shop", service, taskDefinition }));
  await world.looks(60);
}

test("there are none where every definition says whose its streams are", async () => {
  await give(world.target, orderOf(1, "one"));
  expect(await find()).toEqual([]);
});

test("what a service runs is found by its definition's prefix, and still after the deployment that comes next", async () => {
  await give(world.target, orderOf(1, "one"));
  await runAsBefore("shop-prod-web", "web");
  const both = [
    { prefix: "web/web/", service: "web" },
    { prefix: "web/nginx/", service: "nginx" },
  ];
  expect(await find()).toEqual(both);
  expect(await give(world.target, orderOf(2, "two"))).toMatchObject({ end: "done" });
  expect(await find()).toEqual(both);
});

test("in a log group that others may share, by the service's own tasks alone", async () => {
  await give(world.target, orderOf(1, "one"));
  await runAsBefore("shop-prod-celery", "celery");
  const { taskArns = [] } = await world.client.send(
    new ListTasksCommand({ cluster: "shop", serviceName: "shop-prod-celery" }),
  );
  expect(taskArns).toHaveLength(1);
  const ids = taskArns.map((arn) => arn.split("/").at(-1) ?? "");
  expect(await find(shared())).toEqual(ids.map((id) => ({ prefix: `celery/celery/${id}`, service: "celery" })));
});

test("a migration's as well: in a shared group those that deployments of the environment have begun", async () => {
  await give(world.target, orderOf(1, "one"));
  const web = (await world.service("shop-prod-celery"))?.taskDefinition ?? "";
  const { taskDefinition } = await world.client.send(new DescribeTaskDefinitionCommand({ taskDefinition: web }));
  const { taskDefinition: made } = await world.client.send(
    new RegisterTaskDefinitionCommand({
      family: "shop-prod-migrate",
      networkMode: "awsvpc",
      requiresCompatibilities: ["FARGATE"],
      cpu: "256",
      memory: "512",
      executionRoleArn: taskDefinition?.executionRoleArn,
      containerDefinitions: taskDefinition?.containerDefinitions?.map((one) => ({ ...one, name: "migrate" })),
    }),
  );
  const arn = await registerAsBefore(made?.taskDefinitionArn ?? "", "migrate");
  const run = async (startedBy: string): Promise<string> => {
    const networkConfiguration = { awsvpcConfiguration: { subnets: ["subnet-a"] } };
    const { tasks } = await world.client.send(
      new RunTaskCommand({
        cluster: "shop",
        taskDefinition: arn,
        launchType: "FARGATE",
        networkConfiguration,
        startedBy,
      }),
    );
    return tasks?.[0]?.taskArn?.split("/").at(-1) ?? "";
  };
  const own = await run("threads/shop/prod/1");
  await run("threads/shop/prod2/1");
  await world.looks(5);
  expect(await find()).toEqual([{ prefix: "migrate/migrate/", service: "migrate" }]);
  expect(await find(shared())).toEqual([{ prefix: `migrate/migrate/${own}`, service: "migrate" }]);
});
