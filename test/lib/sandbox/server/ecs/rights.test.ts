import {
  CreateClusterCommand,
  CreateServiceCommand,
  DescribeServicesCommand,
  ECSClient,
  ListTaskDefinitionsCommand,
  ListTasksCommand,
  RegisterTaskDefinitionCommand,
  RunTaskCommand,
  UpdateServiceCommand,
} from "@aws-sdk/client-ecs";
import { AssumeRoleCommand } from "@aws-sdk/client-sts";
import { afterAll, beforeAll, expect, test } from "vitest";
import { definition, network, openCluster, type OpenCluster } from "./cluster.ts";

// Who may do what with ECS (service authorization reference, Amazon ECS): a role that may deploy one service, and pass one role.

let ecs: OpenCluster;
let client: ECSClient;
const account = "000000000000";
const arn = (path: string): string => `arn:aws:ecs:eu-west-1:${account}:${path}`;
const role = (name: string): string => `arn:aws:iam::${account}:role/${name}`;

beforeAll(async () => {
  ecs = await openCluster();
  const allow = (Sid: string, Action: readonly string[], Resource: readonly string[], Condition?: object) => ({
    Sid,
    Effect: "Allow",
    Action,
    Resource,
    ...(Condition !== undefined && { Condition }),
  });
  const policy = [
    allow("Definitions", ["ecs:RegisterTaskDefinition", "ecs:DescribeTaskDefinition"], ["*"]),
    allow("Cluster", ["ecs:CreateCluster", "ecs:ListTaskDefinitions", "ecs:ListTasks"], ["*"], {
      StringEquals: { "ecs:cluster": arn("cluster/default") },
    }),
    allow("Service", ["ecs:DescribeServices"], [arn("service/main/web")]),
    allow("Run", ["ecs:RunTask"], [arn("task-definition/web:*")], {
      StringEquals: { "ecs:cluster": arn("cluster/main") },
    }),
    allow("Pass", ["iam:PassRole"], [role("shop-task")], {
      StringEquals: { "iam:PassedToService": "ecs-tasks.amazonaws.com" },
    }),
    allow("Change", ["ecs:CreateService", "ecs:UpdateService"], [arn("service/main/*")]),
    allow("PassToEcs", ["iam:PassRole"], [role("shop-shift")], {
      StringEquals: { "iam:PassedToService": "ecs.amazonaws.com" },
    }),
  ];
  const trust = {
    Sid: "All",
    Effect: "Allow",
    Action: ["sts:AssumeRole"],
    Principal: { AWS: `arn:aws:iam::${account}:root` },
  };
  const roles = [
    {
      name: "deployer",
      policy: { Version: "2012-10-17", Statement: policy },
      trust: { Version: "2012-10-17", Statement: [trust] },
    },
  ];
  const answer = await fetch(`${ecs.sandbox.url}/_sandbox/roles`, { method: "PUT", body: JSON.stringify({ roles }) });
  if (!answer.ok) throw new Error(await answer.text());
  const assume = new AssumeRoleCommand({ RoleArn: role("deployer"), RoleSessionName: "someone" });
  const { Credentials: { AccessKeyId = "", SecretAccessKey = "", SessionToken = "" } = {} } =
    await ecs.sandbox.sts.send(assume);
  const credentials = { accessKeyId: AccessKeyId, secretAccessKey: SecretAccessKey, sessionToken: SessionToken };
  client = new ECSClient({ ...ecs.sandbox.clientSettings, credentials });
  await ecs.client.send(new CreateClusterCommand({ clusterName: "other" }));
  await ecs.create(await ecs.register("web"));
  await ecs.register("other");
});
afterAll(async () => {
  client.destroy();
  await ecs.close();
});

const verdict = (work: Promise<unknown>): Promise<string> =>
  work.then(
    () => "allowed",
    (error: unknown) => `${(error as Error).name}: ${(error as Error).message}`,
  );

test("a service is read by who may read it", async () => {
  const describe = (services: string[]) => client.send(new DescribeServicesCommand({ cluster: "main", services }));
  expect(await verdict(describe(["web"]))).toBe("allowed");
  expect(await verdict(describe(["web", "worker"]))).toContain(
    `is not authorized to perform: ecs:DescribeServices on resource: ${arn("service/main/worker")}`,
  );
});

test("a cluster is a condition of what is done in one, and of nothing else", async () => {
  await ecs.client.send(new CreateClusterCommand({}));
  expect(await verdict(client.send(new ListTasksCommand({})))).toBe("allowed");
  expect(await verdict(client.send(new ListTasksCommand({ cluster: "other" })))).toContain("ecs:ListTasks");
  expect(await verdict(client.send(new CreateClusterCommand({})))).toContain("ecs:CreateCluster");
  expect(await verdict(client.send(new ListTaskDefinitionsCommand({})))).toContain("ecs:ListTaskDefinitions");
});

test("a role is passed by who may pass it, when a definition is registered and when it is run", async () => {
  const register = (change: object) =>
    client.send(new RegisterTaskDefinitionCommand({ ...definition("web"), ...change }));
  expect(await verdict(register({}))).toBe("allowed");
  expect(await verdict(register({ taskRoleArn: role("shop-task") }))).toBe("allowed");
  expect(await verdict(register({ taskRoleArn: role("admin") }))).toContain(
    `is not authorized to perform: iam:PassRole on resource: ${role("admin")}`,
  );
  await ecs.client.send(new RegisterTaskDefinitionCommand({ ...definition("web"), executionRoleArn: role("admin") }));
  const run = (taskDefinition: string, cluster = "main") =>
    client.send(new RunTaskCommand({ cluster, taskDefinition, launchType: "FARGATE", networkConfiguration: network }));
  expect(await verdict(run("web"))).toContain("iam:PassRole");
  expect(await verdict(run("web:1"))).toBe("allowed");
  expect(await verdict(run("web:1", "other"))).toContain("ecs:RunTask");
  expect(await verdict(run("other:1"))).toContain("ecs:RunTask");
});

test("the role by which ECS changes listener rules is passed to ECS itself, when a service is made and when it is told another", async () => {
  const behind = (name: string) => ({
    cluster: "main",
    loadBalancers: [{ targetGroupArn: "none", advancedConfiguration: { roleArn: role(name) } }],
  });
  const make = (name: string) =>
    client.send(
      new CreateServiceCommand({ ...behind(name), serviceName: "api", taskDefinition: "web", desiredCount: 1 }),
    );
  const tell = (name: string) => client.send(new UpdateServiceCommand({ ...behind(name), service: "web" }));
  for (const work of [make, tell]) {
    // Whoever may is told by ECS that there is no such target group.
    expect(await verdict(work("shop-shift"))).toMatch(/^InvalidParameterException: /);
    for (const name of ["shop-task", "admin"])
      expect(await verdict(work(name))).toContain(`perform: iam:PassRole on resource: ${role(name)}`);
  }
});

test("with tags a registration is one action more", async () => {
  const tags = [{ key: "threads:release", value: "1" }];
  expect(await verdict(client.send(new RegisterTaskDefinitionCommand({ ...definition("web"), tags })))).toContain(
    "ecs:TagResource",
  );
});
