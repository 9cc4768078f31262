import { readdirSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { join } from "node:path";
import { createRequire } from "node:module";
import { beforeAll, expect, it } from "vitest";
import { documentOf, type PolicyDocument } from "../../src/lib/iam/document.ts";
import { decide } from "../../src/lib/iam/evaluate.ts";
import { subjectOf } from "../../src/lib/iam/from-config.ts";
import { rolesOf } from "../../src/lib/iam/roles.ts";
import { translate } from "../../src/lib/ecs/translate.ts";
import { hasEcs } from "../../src/lib/ecs/environment-on-ecs.ts";
import { factsBeforehand } from "../../src/lib/ecs/facts-of.ts";
import { aConfig } from "../fakes/config.ts";

// The example module for ECS, read by HashiCorp's own parser: what it makes is what the CLI will ask for.

type Values = Readonly<Record<string, unknown>>;
type Blocks = Readonly<Record<string, readonly Values[]>>;
interface Module {
  readonly variable: Blocks;
  readonly locals: readonly Values[];
  readonly data: Readonly<Record<string, Blocks>>;
  readonly resource: Readonly<Record<string, Blocks>>;
  readonly output: Blocks;
}

const folder = fileURLToPath(new URL("../../backend/terraform/ecs", import.meta.url));
const files = readdirSync(folder).map((name) => ({ name, text: readFileSync(join(folder, name), "utf8") }));
const account = "123456789012";
const require = createRequire(import.meta.url);
// Its types bring those of a browser, which are not ours.
const { parse } = require("@cdktf/hcl2json") as {
  readonly parse: (name: string, text: string) => Promise<unknown>;
};
let module: Module;
let text: string;

beforeAll(async () => {
  text = files.map((file) => file.text).join("\n");
  module = (await parse("ecs.tf", text)) as Module;
});

const resource = (type: string, name: string): Values => {
  const [found] = module.resource[type]?.[name] ?? [];
  if (found === undefined) throw new Error(`there is no ${type}.${name}`);
  return found;
};

/** What AWS would answer for what only AWS knows. */
const answers: Readonly<Record<string, unknown>> = {
  "aws_lb_target_group.web.arn": `arn:aws:elasticloadbalancing:eu-west-1:${account}:targetgroup/threads-cloud-web/0123456789abcdef`,
  "aws_security_group.tasks.id": "sg-0a1b2c3d",
  "var.subnets": ["subnet-0a1b2c3d"],
  "data.aws_partition.this.partition": "aws",
  "data.aws_region.this.region": "eu-west-1",
  "data.aws_caller_identity.this.account_id": account,
  "aws_cloudwatch_log_group.this.arn": `arn:aws:logs:eu-west-1:${account}:log-group:/threads/cloud`,
};

function valueOf(reference: string): unknown {
  if (reference in answers) return answers[reference];
  const [kind = "", name = "", key = ""] = reference.split(".");
  if (kind === "var") return module.variable[name]?.[0]?.["default"];
  if (kind === "local") return evaluated(module.locals.find((one) => name in one)?.[name]);
  if (kind === "aws_iam_role" && key === "arn")
    return `arn:aws:iam::${account}:role/${String(evaluated(resource(kind, name)["name"]))}`;
  return evaluated(resource(kind, name)[key]);
}

/** Texts with their references filled in: all that the module has of an expression where a name is made. */
function evaluated(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(evaluated);
  if (typeof value === "object" && value !== null)
    return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, evaluated(inner)]));
  if (typeof value !== "string") return value;
  const whole = /^\$\{([\w.]+)\}$/.exec(value)?.[1];
  if (whole !== undefined) return valueOf(whole);
  return value.replaceAll(/\$\{([\w.]+)\}/g, (_, reference: string) => String(valueOf(reference)));
}

const environment = () => {
  const ecs = evaluated(module.locals.find((one) => "ecs" in one)?.["ecs"]) as never;
  const registry = { repository: `${account}.dkr.ecr.eu-west-1.amazonaws.com/threads/` };
  const config = aConfig({
    registry,
    environments: { cloud: { env_from: String(valueOf("var.settings_path")), ecs } },
  });
  const { cloud } = config.environments;
  if (cloud === undefined || !hasEcs(cloud)) throw new Error("it is not on ECS");
  return { config, cloud };
};

function policy(name: string): PolicyDocument {
  const statements = (module.data["aws_iam_policy_document"]?.[name]?.[0]?.["statement"] ?? []) as readonly Values[];
  return {
    Version: "2012-10-17",
    Statement: statements.map(({ sid, actions, resources, condition = [] }) => ({
      Sid: String(sid),
      Effect: "Allow",
      Action: actions as readonly string[],
      Resource: evaluated(resources) as readonly string[],
      Condition: Object.fromEntries(
        (condition as readonly Values[]).map(({ test, variable, values }) => [
          String(test),
          { [String(variable)]: evaluated(values) as readonly string[] },
        ]),
      ),
    })),
  };
}

it("refers to nothing that is not in it", () => {
  const uncommented = text.replaceAll(/^\s*#.*$/gm, "");
  const names = (pattern: RegExp): readonly string[] => [...uncommented.matchAll(pattern)].map(([, name = ""]) => name);
  const known = {
    variables: Object.keys(module.variable),
    locals: module.locals.flatMap((one) => Object.keys(one)),
    resources: Object.entries(module.resource).flatMap(([type, all]) =>
      Object.keys(all).map((name) => `${type}.${name}`),
    ),
    data: Object.entries(module.data).flatMap(([type, all]) => Object.keys(all).map((name) => `${type}.${name}`)),
  };
  expect(names(/\bvar\.(\w+)/g).filter((name) => !known.variables.includes(name))).toEqual([]);
  expect(known.variables.filter((name) => !names(/\bvar\.(\w+)/g).includes(name))).toEqual([]);
  expect(names(/\blocal\.(\w+)/g).filter((name) => !known.locals.includes(name))).toEqual([]);
  expect(names(/\bdata\.(\w+\.\w+)/g).filter((name) => !known.data.includes(name))).toEqual([]);
  expect(names(/(?<!data\.|")\b(aws_\w+\.\w+)/g).filter((name) => !known.resources.includes(name))).toEqual([]);
});

it("prints what threads.yml takes, and the release has its place in it", () => {
  const { config, cloud } = environment();
  expect(cloud.ecs).toMatchObject({ cluster: "threads-cloud", publicIp: false, logGroup: "/threads/cloud" });
  const services = {
    web: { image: "${WEB_IMAGE}", stop_grace_period: "30s" },
    nginx: { image: "${NGINX_IMAGE}", ports: ["80:8080"] },
  };
  const facts = factsBeforehand(cloud, { config, model: { services }, region: "eu-west-1" });
  const { problems, tasks } = translate(facts);
  expect(problems).toEqual([]);
  const [web] = tasks;
  expect(web?.service).toMatchObject({ serviceName: "threads-cloud-web", loadBalancers: [{ containerPort: 8080 }] });
  // A request in flight may live as long as the task is given.
  const delay = resource("aws_lb_target_group", "web")["deregistration_delay"];
  expect(delay).toBeLessThanOrEqual(web?.taskDefinition.containerDefinitions[0]?.stopTimeout ?? 0);
  expect(resource("aws_lb_target_group", "web")["target_type"]).toBe("ip");
});

it("writes its logs, takes its roles and names its cluster where the CLI looks", () => {
  const { config, cloud } = environment();
  // What threads itself takes where threads.yml says nothing.
  const { logGroup: _, ...others } = cloud.ecs;
  const facts = factsBeforehand(
    { ...cloud, ecs: others },
    { config, model: { services: { web: { image: "w" } } }, region: "eu-west-1" },
  );
  const [web] = translate(facts).tasks;
  expect(web?.taskDefinition.containerDefinitions[0]?.logConfiguration.options["awslogs-group"]).toBe(
    cloud.ecs.logGroup,
  );
  const deployer = rolesOf(subjectOf(config, undefined)).find(({ job }) => job === "deployer");
  const may = (role: string): string =>
    decide([documentOf(deployer?.permissions ?? [])], {
      action: "iam:PassRole",
      resource: `arn:aws:iam::${account}:role/${role}`,
      context: { "iam:PassedToService": "ecs-tasks.amazonaws.com" },
    });
  for (const name of ["execution", "task"])
    expect(may(String(evaluated(resource("aws_iam_role", name)["name"])))).toBe("allowed");
  expect(may("threads-cloud-deployer")).toBe("not-allowed");
});

it.each([
  ["ecr:GetAuthorizationToken", "*", {}, true],
  ["ecr:BatchGetImage", `arn:aws:ecr:eu-west-1:${account}:repository/threads/web`, {}, true],
  ["ecr:GetDownloadUrlForLayer", `arn:aws:ecr:eu-west-1:${account}:repository/other/web`, {}, false],
  ["ssm:GetParameters", `arn:aws:ssm:eu-west-1:${account}:parameter/threads/cloud/KEY`, {}, true],
  ["ssm:GetParameters", `arn:aws:ssm:eu-west-1:${account}:parameter/threads/prod/KEY`, {}, false],
  ["kms:Decrypt", `arn:aws:kms:eu-west-1:${account}:key/1`, { "kms:ViaService": "ssm.eu-west-1.amazonaws.com" }, true],
  ["kms:Decrypt", `arn:aws:kms:eu-west-1:${account}:key/1`, {}, false],
  ["logs:PutLogEvents", `arn:aws:logs:eu-west-1:${account}:log-group:/threads/cloud:log-stream:web/web/1`, {}, true],
  ["logs:CreateLogGroup", `arn:aws:logs:eu-west-1:${account}:log-group:/threads/cloud:*`, {}, false],
])("by the execution role ECS may %s %s: %o", (action, resourceArn, context, allowed) => {
  expect(decide([policy("execution")], { action, resource: resourceArn, context }) === "allowed").toBe(allowed);
});
