import { expect, it } from "vitest";
import { documentOf } from "../../../src/lib/iam/document.ts";
import { decide } from "../../../src/lib/iam/evaluate.ts";
import { subjectOf } from "../../../src/lib/iam/from-config.ts";
import { trustBy } from "../../../src/lib/iam/github-repository.ts";
import type { Job } from "../../../src/lib/iam/role.ts";
import { rolesOf } from "../../../src/lib/iam/roles.ts";
import { aConfig } from "../../fakes/config.ts";
import { onEcs } from "../ecs/world.ts";

const account = "123456789012";
const image = `arn:aws:ecr:eu-west-1:${account}:repository/shop/web`;
const policy = `arn:aws:ssm:eu-west-1:${account}:parameter/shop/prod/policy`;

/** The role of an application with one environment. */
function roleFor(job: Job, environment: Parameters<typeof aConfig>[0]) {
  const registry = { repository: `${account}.dkr.ecr.eu-west-1.amazonaws.com/shop/` };
  const roles = rolesOf(subjectOf(aConfig({ app: "shop", registry, ...environment }), undefined));
  const found = roles.find((one) => one.job === job);
  const may = (action: string, resource: string, context: Record<string, string> = {}): boolean =>
    decide([documentOf(found?.permissions ?? [])], { action, resource, context }) === "allowed";
  const { permissions = [], commands = [] } = found ?? {};
  return { commands, permissions, jobs: roles.map((one) => one.job), may };
}
const reader = (environment: Parameters<typeof aConfig>[0]) => roleFor("reader", environment);

it("whoever reads renders for an environment on ECS: what bundles and images say, and which settings there are", () => {
  const { commands, jobs, may } = reader({ environments: { prod: onEcs() } });
  expect(commands).toContain("ecs render");
  expect(may("ecr:GetDownloadUrlForLayer", image)).toBe(true);
  expect(may("ssm:DescribeParameters", "*")).toBe(true);
  expect(may("ssm:GetParameters", policy)).toBe(true);
  // Of settings nobody needs a value for it.
  expect(may("ssm:GetParametersByPath", `arn:aws:ssm:eu-west-1:${account}:parameter/shop/prod/settings`)).toBe(false);
  expect(jobs).toEqual(["publisher", "deployer", "archivist", "reader"]);
});

it("where there is none, a reader reads no image", () => {
  const { commands, may } = reader({ environments: { prod: { hosts: { tag: "env=prod" } } } });
  expect(commands).not.toContain("ecs render");
  expect(may("ecr:GetDownloadUrlForLayer", image)).toBe(false);
});

it("nobody publishes as an environment on ECS: something is deployed there", () => {
  const { environments } = aConfig({ environments: { cloud: onEcs(), dev: {} } });
  expect(trustBy({ environments }, undefined).publishes).toBe("dev");
  expect(trustBy(aConfig({ environments: { cloud: onEcs() } }), undefined).publishes).toBe("publish");
});

const arn = (path: string): string => `arn:aws:ecs:eu-west-1:${account}:${path}`;
const cluster = { "ecs:cluster": arn("cluster/shop") };
const taskRole = `arn:aws:iam::${account}:role/shop-task`;
const passed = { "iam:PassedToService": "ecs-tasks.amazonaws.com" };
const onEcsWithNames = {
  environments: {
    prod: onEcs({
      cluster: arn("cluster/shop"),
      task_role: taskRole,
      services: { web: { name: "front", family: "front-tasks" }, worker: {} },
    }),
    staging: { hosts: { tag: "env=staging" } },
  },
};

/** Rights of a deployer on ECS, and beside each what is another's. */
it.each([
  ["ecs:UpdateService", arn("service/shop/shop-prod-worker"), cluster, arn("service/shop/other-prod-web")],
  ["ecs:UpdateService", arn("service/shop/front"), cluster, arn("service/other/front")],
  ["ecs:CreateService", arn("service/shop/shop-prod-web"), cluster, arn("service/shop/shop-staging-web")],
  ["ecs:RunTask", arn("task-definition/shop-prod-migrate:12"), cluster, arn("task-definition/admin:1")],
  ["ecs:RunTask", arn("task-definition/front-tasks:3"), cluster, arn("task-definition/front:3")],

  ["ecs:StopServiceDeployment", arn("service-deployment/shop/front/x"), {}, arn("service-deployment/shop/another/x")],
  ["ecs:ContinueServiceDeployment", arn("service-deployment/shop/front/x"), {}, arn("service-deployment/shop/other/x")],
  [
    "ecs:DescribeServiceDeployments",
    arn("service-deployment/shop/front/x"),
    {},
    arn("service-deployment/other/front/x"),
  ],
  ["ecs:TagResource", arn("task-definition/front-tasks:*"), {}, arn("task-definition/admin:1")],
  ["iam:PassRole", taskRole, passed, `arn:aws:iam::${account}:role/admin`],
] as const)("a deployer on ECS may %s %s, and of others nothing", (action, own, context, other) => {
  const { may } = roleFor("deployer", onEcsWithNames);
  expect(may(action, own, context)).toBe(true);
  expect(may(action, other, context)).toBe(false);
});

it("in another cluster, or to another service of AWS, a deployer passes and runs nothing", () => {
  const { may } = roleFor("deployer", onEcsWithNames);
  const elsewhere = { "ecs:cluster": arn("cluster/other") };
  for (const action of ["ecs:RunTask", "ecs:UpdateService", "ecs:StopTask", "ecs:ListTasks", "ecs:ListServices"])
    for (const resource of ["*", arn("task-definition/front-tasks:3"), arn("service/shop/front"), arn("task/shop/0a")])
      expect(may(action, resource, elsewhere)).toBe(false);
  expect(may("iam:PassRole", taskRole, { "iam:PassedToService": "ec2.amazonaws.com" })).toBe(false);
  expect(may("iam:PassRole", taskRole, { "iam:PassedToService": "ecs.amazonaws.com" })).toBe(false);
  expect(may("iam:PassRole", taskRole)).toBe(false);
});

it("whoever reads asks ECS everything and tells it nothing; where nothing runs there, nobody is asked", () => {
  const { permissions, may } = reader(onEcsWithNames);
  const actions = permissions.flatMap((one) => Object.keys(one.actions)).filter((action) => action.startsWith("ecs:"));
  // All that status asks, too: a board is drawn of that.
  for (const asked of [
    "DescribeClusters",
    "DescribeServices",
    "ListServices",
    "DescribeServiceDeployments",
    "ListTasks",
  ])
    expect(actions).toContain(`ecs:${asked}`);
  expect(actions.filter((action) => !/^ecs:(?:Describe|List)/.test(action))).toEqual([]);
  expect(may("logs:DescribeLogGroups", "*")).toBe(true);
  expect(JSON.stringify(reader({ environments: { prod: {} } }).permissions)).not.toMatch(/"ecs:|DescribeLogGroups/);
});

it("a deployer on ECS reads the log of its environment, and the values that are hidden in it, and no other", () => {
  const settings = (path: string) => `arn:aws:ssm:eu-west-1:${account}:parameter${path}`;
  const streams = (group: string) => `arn:aws:logs:eu-west-1:${account}:log-group:${group}:log-stream:`;
  const { may, commands } = roleFor("deployer", { environments: { prod: onEcs({}, { env_from: "/shop/own/" }) } });
  expect(commands).toContain("logs");
  expect(may("logs:FilterLogEvents", streams("/shop/prod"))).toBe(true);
  expect(may("logs:FilterLogEvents", streams("/shop/staging"))).toBe(false);
  expect(may("ssm:GetParametersByPath", settings("/shop/own"))).toBe(true);
  expect(may("ssm:GetParametersByPath", settings("/shop/other"))).toBe(false);
});

it("a deployer on ECS puts on record that the environment was verified, and nothing else that gates go by", () => {
  const { may, commands } = roleFor("deployer", { environments: { prod: onEcs() } });
  const evidence = (of: string): string =>
    `arn:aws:ssm:eu-west-1:${account}:parameter/shop/evidence/${"0".repeat(40)}/${"0".repeat(64)}/${of}`;
  expect(commands).toContain("verify");
  expect(may("ssm:PutParameter", evidence("verify/prod"), { "ssm:Overwrite": "false" })).toBe(true);
  expect(may("ssm:GetParameters", evidence("verify/prod"))).toBe(true);
  for (const other of ["verify/staging", "stress/prod", "rehearse/prod", "smoke/1"])
    expect(may("ssm:PutParameter", evidence(other), { "ssm:Overwrite": "false" })).toBe(false);
});

it("a deployer on ECS has no host to ask, and fits what IAM takes", () => {
  const { commands, permissions } = roleFor("deployer", { environments: { prod: onEcsWithNames.environments.prod } });
  expect(commands).toEqual(expect.arrayContaining(["deploy", "rollback", "status", "ecs render"]));
  expect(commands).not.toContain("exec");
  expect(JSON.stringify(permissions)).not.toContain("SendCommand");
  const { Statement } = documentOf(permissions);
  expect(JSON.stringify(documentOf(permissions)).length).toBeLessThan(6144);
  expect(new Set(Statement.map(({ Sid }) => Sid)).size).toBe(Statement.length);
});
