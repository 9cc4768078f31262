import { expect, it } from "vitest";
import { documentOf } from "../../../src/lib/iam/document.ts";
import { decide } from "../../../src/lib/iam/evaluate.ts";
import { subjectOf } from "../../../src/lib/iam/from-config.ts";
import { trustBy } from "../../../src/lib/iam/github-repository.ts";
import { rolesOf } from "../../../src/lib/iam/roles.ts";
import { aConfig } from "../../fakes/config.ts";
import { onEcs } from "../ecs/world.ts";

const account = "123456789012";
const image = `arn:aws:ecr:eu-west-1:${account}:repository/shop/web`;
const policy = `arn:aws:ssm:eu-west-1:${account}:parameter/shop/prod/policy`;

/** The reader of an application with one environment. */
function reader(environment: Parameters<typeof aConfig>[0]) {
  const registry = { repository: `${account}.dkr.ecr.eu-west-1.amazonaws.com/shop/` };
  const roles = rolesOf(subjectOf(aConfig({ app: "shop", registry, ...environment }), undefined));
  const found = roles.find(({ job }) => job === "reader");
  const may = (action: string, resource: string): boolean =>
    decide([documentOf(found?.permissions ?? [])], { action, resource, context: {} }) === "allowed";
  return { commands: found?.commands ?? [], jobs: roles.map(({ job }) => job), may };
}

it("whoever reads renders for an environment on ECS: what bundles and images say, and which settings there are", () => {
  const { commands, jobs, may } = reader({ environments: { prod: onEcs() } });
  expect(commands).toContain("ecs render");
  expect(may("ecr:GetDownloadUrlForLayer", image)).toBe(true);
  expect(may("ssm:DescribeParameters", "*")).toBe(true);
  expect(may("ssm:GetParameters", policy)).toBe(true);
  // Of settings nobody needs a value for it, and nothing is deployed there yet.
  expect(may("ssm:GetParametersByPath", `arn:aws:ssm:eu-west-1:${account}:parameter/shop/prod/settings`)).toBe(false);
  expect(jobs).toEqual(["publisher", "reader"]);
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
