import { describe, expect, it } from "vitest";
import { parseThreadsYaml } from "../../../src/lib/config/parse.ts";
import { ThreadsError } from "../../../src/lib/errors/threads-error.ts";

const file = (environments: string): string => `app: shop
services: [web, nginx]
smoke: { compose: compose.yml, entry: { service: web, port: 3000 } }
checks: [{ path: / }]
runtime: { compose: compose.yml }
environments:
${environments}
`;
const ecs = (more = ""): string => `  prod:
    ecs:
      cluster: shop
      subnets: [subnet-0a]
      security_groups: [sg-0a]
      execution_role: arn:aws:iam::123456789012:role/shop-execution
${more}`;

function mistakes(environments: string): readonly string[] {
  try {
    parseThreadsYaml(file(environments), "threads.yml");
    return [];
  } catch (error) {
    if (error instanceof ThreadsError) return error.details;
    throw error;
  }
}

describe("environments.<name>.ecs", () => {
  it("is read, with what goes without saying", () => {
    const { environments } = parseThreadsYaml(file(ecs("      services: { web: {} }")), "threads.yml");
    expect(environments["prod"]?.ecs).toEqual({
      cluster: "shop",
      launchType: "FARGATE",
      subnets: ["subnet-0a"],
      securityGroups: ["sg-0a"],
      publicIp: false,
      executionRole: "arn:aws:iam::123456789012:role/shop-execution",
      variables: {},
      without: [],
      services: { web: { cpu: 256, memory: 512 } },
    });
  });

  it("stands instead of hosts, and not beside them", () => {
    expect(mistakes(`${ecs()}    hosts: { tag: env=prod }`)).toEqual([
      "threads.yml:9:7 prod has hosts and ecs: an environment runs on one of both",
    ]);
  });

  it.each([
    ["cpu: 300", 21, "Fargate has cpu 256, 512, 1024, 2048, 4096, 8192, 16384, and not 300"],
    ["cpu: 256, memory: 4096", 34, "with cpu 256 Fargate has memory 512, 1024, 2048, and not 4096"],
    ["cpu: 2048, memory: 512", 35, "with cpu 2048 Fargate has memory 4096, 5120 … 16384, and not 512"],
  ])("has the sizes that Fargate has: %s", (size, column, says) => {
    expect(mistakes(ecs(`      services:\n        web: { ${size} }`))).toEqual([`threads.yml:14:${column} ${says}`]);
    expect(mistakes(ecs(`      launch_type: EC2\n      services:\n        web: { ${size} }`))).toEqual([]);
  });

  it("has public addresses on Fargate alone", () => {
    expect(mistakes(ecs("      public_ip: true"))).toEqual([]);
    expect(mistakes(ecs("      launch_type: EC2\n      public_ip: true"))).toEqual([
      "threads.yml:14:18 only tasks on Fargate can have a public_ip: take it away",
    ]);
  });

  it("is in a cluster by name or ARN, as ECS has names", () => {
    const arn = "arn:aws:ecs:eu-west-1:123456789012:cluster/shop";
    expect(mistakes(ecs().replace("cluster: shop", `cluster: ${arn}`))).toEqual([]);
    expect(mistakes(ecs().replace("cluster: shop", "cluster: the shop"))).toEqual([
      expect.stringContaining("or the ARN of a cluster"),
    ]);
  });

  it("has each service in one task", () => {
    const services = "      services: { web: { containers: [web, nginx] }, nginx: {} }";
    expect(mistakes(ecs(services))).toEqual([
      expect.stringMatching(/^threads.yml:13:\d+ nginx is in the task web already$/),
    ]);
  });

  it("has each name once", () => {
    const services = "      services: { web: { name: a, family: f }, nginx: { name: a, family: f } }";
    expect(mistakes(ecs(services))).toEqual([
      expect.stringMatching(/^threads.yml:13:\d+ the task web has the name a already$/),
      expect.stringMatching(/^threads.yml:13:\d+ the task web has the family f already$/),
    ]);
  });

  it("shares a cluster with no other whose services would be called as its own", () => {
    const second = (name: string, cluster: string): string =>
      `${ecs()}\n${ecs().replace("prod:", `${name}:`).replace("cluster: shop", `cluster: ${cluster}`)}`;
    const arn = "arn:aws:ecs:eu-west-1:123456789012:cluster/shop";
    expect(mistakes(second("prod-eu", arn))).toEqual([
      "threads.yml:16:16 services of prod-eu are called shop-prod-eu-…, as those of prod may be in the same cluster (shop-prod-…): call one of both otherwise, or give it a cluster of its own",
    ]);
    expect(mistakes(second("prod-eu", "shop-eu"))).toEqual([]);
    expect(mistakes(second("production", "shop"))).toEqual([]);
  });

  it("takes a secret of Secrets Manager by its ARN, and is told what is in it", () => {
    expect(mistakes(`${ecs()}    env_from: "secretsmanager:shop/prod"`)).toEqual([
      "threads.yml:13:15 ECS takes a secret by its ARN: secretsmanager:arn:… and not shop/prod",
      "threads.yml:9:7 a secret tells no names without its values: name them in ecs.settings",
    ]);
    const arn = "secretsmanager:arn:aws:secretsmanager:eu-west-1:123456789012:secret:shop/prod-a1b2c3";
    expect(mistakes(`${ecs("      settings: [KEY]\n")}    env_from: "${arn}"`)).toEqual([]);
  });

  it("sets variables of the compose file, and not what a release is", () => {
    const variables = '      variables: { WEB: "127.0.0.1:8000", DEPTH: 3, REVISION: x, "a b": y }';
    expect(mistakes(ecs(variables))).toEqual([
      expect.stringMatching(
        /^threads.yml:13:\d+ environments.prod.ecs.variables.a b: is a name that it cannot have: a variable's name$/,
      ),
    ]);
    expect(mistakes(ecs(variables.replace(', "a b": y', "")))).toEqual([
      expect.stringMatching(/^threads.yml:13:\d+ REVISION is the release's own, and threads sets it: take it away$/),
    ]);
  });

  it("names settings of some place only", () => {
    expect(mistakes(ecs("      settings: [KEY]"))).toEqual([
      "threads.yml:13:17 settings are named, and no env_from says where they are",
    ]);
  });

  it("is nothing that gates can look at yet", () => {
    const gated = "  next: { hosts: { tag: env=next }, gates: { verified: prod } }\n";
    expect(mistakes(`${gated}${ecs()}`)).toEqual([
      expect.stringContaining('environment "prod" runs on ECS, so nothing can yet be verified there'),
    ]);
  });
});
