import { expect, it } from "vitest";
import { type IamOptions, showIam } from "../../../../src/lib/actions/policy/iam.ts";
import type { IamResult } from "../../../../src/lib/actions/policy/iam-result.ts";
import { wrapped } from "../../../../src/lib/output/wrap.ts";
import { renderPolicyIam, renderTerraform } from "../../../../src/lib/output/render/policy-iam.ts";
import { plainPaint } from "../../../../src/lib/output/paint.ts";
import { aConfig } from "../../../fakes/config.ts";

const config = aConfig({
  registry: { repository: "123456789012.dkr.ecr.eu-west-1.amazonaws.com/threads/" },
  environments: { dev: {}, prod: { hosts: { tag: "threads-env=prod" }, gates: { branch: "live" } } },
});
const everything = { role: undefined, environment: undefined, github: undefined, branches: [] };
const show = (options: Partial<IamOptions> = {}, remote?: string): Promise<IamResult> =>
  showIam({ ...everything, ...options }, { config, region: undefined, remote: () => Promise.resolve(remote) });
const names = async (options: Partial<IamOptions>): Promise<string[]> =>
  (await show(options)).roles.map(({ name }) => name);

it("shows the roles that are asked for; with an environment those of the whole application too", async () => {
  expect(await names({ role: "deployer" })).toEqual(["threads-prod-deployer"]);
  expect(await names({ environment: "dev" })).toEqual(["threads-publisher", "threads-reader"]);
  expect(await names({ role: "promoter", environment: "dev" })).toEqual([]);
});

it.each([
  "https://github.com/shop/app.git",
  "git@github.com:shop/app.git",
  "ssh://git@github.com/shop/app",
  "https://token@github.com/shop/app/",
  "https://GitHub.com/shop/app",
  "https://www.github.com/shop/app",
  "git@github.com:/shop/app.git",
  "ssh://git@ssh.github.com:443/shop/app.git",
  "git@github.com-work:shop/app.git",
])("trusts the workflows of origin: %s", async (remote) => {
  const { roles, advice } = await show({ role: "promoter" }, remote);
  const text = JSON.stringify(roles[0]?.trust);
  expect(text).toContain('"repo:shop/app:environment:prod"');
  // The gate names the branch.
  expect(text).toContain("shop/app/.github/workflows/*@refs/heads/live");
  expect(advice).toEqual([expect.stringContaining("gh api repos/shop/app")]);
});

it("trusts no workflow of an origin elsewhere, and says so; nor does it of a role that is for no workflow", async () => {
  const { roles, advice } = await show({ role: "promoter" }, "https://github.com.example.com/shop/app");
  expect(roles[0]?.trust).toBeNull();
  expect(advice).toEqual([expect.stringContaining("--github OWNER/REPO")]);
  expect((await show({ role: "reader" })).advice).toEqual([]);
});

it("has nothing more to advise where ids and branches are given", async () => {
  const { roles, advice } = await show({ github: "shop@1/app@2", branches: ["prod=main", "dev=dev"] });
  expect(advice).toEqual([]);
  const publisher = JSON.stringify(roles[0]?.trust);
  expect(publisher).toContain('"repo:shop/app:environment:dev","repo:shop@1/app@2:environment:dev"');
  expect(JSON.stringify(roles.find(({ job }) => job === "deployer")?.trust)).toContain("@refs/heads/main");
});

it.each([
  [{ github: "shop" }, /OWNER\/REPO/],
  [{ github: "shop@1/app" }, /both ids/],
  [{ github: "shop/app", branches: ["prod"] }, /ENV=BRANCH/],
  [{ github: "shop/app", branches: ["prdo=main"] }, /environment of threads.yml/],
])("refuses %j", async (options, words) => {
  await expect(show(options)).rejects.toMatchObject({ code: "USAGE", message: expect.stringMatching(words) });
});

it("is read by a person with each reason, and by Terraform with what is left open as comments", async () => {
  const result = await show({ role: "promoter" }, "https://github.com/shop/app");
  const text = renderPolicyIam(result, plainPaint, 100).join("\n");
  expect(text).toContain("threads-prod-promoter");
  expect(text).toMatch(/ssm:PutParameter +writes down who promoted what/);
  const lines = renderTerraform(result, plainPaint);
  expect(lines.at(-1)).toMatch(/^# .*gh api/);
  // A comment that we broke would be no comment from its second line on.
  expect(renderTerraform(result, plainPaint, 30).flatMap((line) => wrapped(line, 30))).toEqual(lines);
  expect(lines.join("\n")).toContain('resource "aws_iam_role" "threads-prod-promoter"');
});

it("has the documents by which hosts take orders, and a deployer who may send these and no script", async () => {
  const own = aConfig({
    registry: { repository: "123456789012.dkr.ecr.eu-west-1.amazonaws.com/threads/" },
    environments: {
      staging: { hosts: { tag: "threads-env=staging" } },
      prod: { hosts: { tag: "threads-env=prod", documents: true } },
    },
  });
  const result = await showIam(everything, {
    config: own,
    region: undefined,
    remote: () => Promise.resolve(undefined),
  });
  const { documents, roles } = result;
  expect(documents.map(({ name }) => name.replace("threads-threads-prod-", ""))).toEqual([
    "deploy",
    "status",
    "step",
    "ask",
    "stats",
    "logs",
    "deploymentLog",
    "readOut",
    "exec",
  ]);
  const sent = (name: string): readonly string[] =>
    (roles.find((one) => one.name === name)?.permissions ?? []).flatMap(({ action, resources }) =>
      action === "ssm:SendCommand" ? resources : [],
    );
  const arn = (name: string): string => `arn:aws:ssm:eu-west-1:123456789012:document/${name}`;
  expect(sent("threads-prod-deployer")).toEqual(expect.arrayContaining(documents.map(({ name }) => arn(name))));
  expect(sent("threads-prod-deployer").join()).not.toContain("AWS-RunShellScript");
  expect(sent("threads-staging-deployer").join()).toContain("document/AWS-RunShellScript");
  // Only the account's own registry in its region is taken from.
  expect(documents[0]?.content).toContain(String.raw`123456789012\\.dkr\\.ecr\\.eu-west-1\\.amazonaws\\.com/`);
  const terraform = renderTerraform(result, plainPaint).join("\n");
  const contents = [...terraform.matchAll(/^ {2}content {9}= (".*")$/gm)].map(([, text = ""]) => text);
  const unescaped = (text: string): unknown => JSON.parse(text.replaceAll("$${", "${").replaceAll("%%{", "%{"));
  expect(contents.map(unescaped)).toEqual(documents.map(({ content }) => content));
  expect(terraform).toContain(`version_name    = "${documents[0]?.version ?? ""}"`);
});
