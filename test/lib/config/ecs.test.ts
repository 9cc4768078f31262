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

  it("takes a secret of Secrets Manager by its ARN, and is told what is in it", () => {
    expect(mistakes(`${ecs()}    env_from: "secretsmanager:shop/prod"`)).toEqual([
      "threads.yml:13:15 ECS takes a secret by its ARN: secretsmanager:arn:… and not shop/prod",
      "threads.yml:9:7 a secret tells no names without its values: name them in ecs.settings",
    ]);
    const arn = "secretsmanager:arn:aws:secretsmanager:eu-west-1:123456789012:secret:shop/prod-a1b2c3";
    expect(mistakes(`${ecs("      settings: [KEY]\n")}    env_from: "${arn}"`)).toEqual([]);
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
