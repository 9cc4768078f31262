import { describe, expect, it } from "vitest";
import { documentOf } from "../../../src/lib/iam/document.ts";
import { decide } from "../../../src/lib/iam/evaluate.ts";
import { environmentsOf, subjectOf } from "../../../src/lib/iam/from-config.ts";
import type { Job, Role } from "../../../src/lib/iam/role.ts";
import { rolesOf } from "../../../src/lib/iam/roles.ts";
import type { IamSubject } from "../../../src/lib/iam/subject.ts";
import { terraformOf } from "../../../src/lib/iam/terraform.ts";
import { trustOf } from "../../../src/lib/iam/trust.ts";
import { aConfig } from "../../fakes/config.ts";

const account = "123456789012";
const config = aConfig({
  app: "shop",
  registry: { repository: `${account}.dkr.ecr.eu-west-1.amazonaws.com/shop/` },
  runtime: { compose: "compose.yml", env_from: "secretsmanager:shop/all" },
  environments: {
    dev: {},
    staging: { hosts: { tag: "threads-env=staging" } },
    prod: {
      hosts: { tag: "threads-env=prod" },
      env_from: "/shop/prod/settings/",
      gates: { verified: "staging", scan: {}, branch: "prod" },
    },
  },
});
const subject = subjectOf(config, undefined);
const roles = rolesOf(subject);
const role = (name: string): Role => {
  const found = roles.find((one) => one.name === name);
  if (found === undefined) throw new Error(`there is no ${name}`);
  return found;
};
const ssm = `arn:aws:ssm:eu-west-1:${account}:parameter`;
const may = (name: string, action: string, resource: string, context: Record<string, string> = {}): boolean =>
  decide([documentOf(role(name).permissions)], { action, resource, context }) === "allowed";
const create = { "ssm:Overwrite": "false" };

describe("the roles of an application", () => {
  it("are one for each job, and one for each environment that the job is about", () => {
    expect(roles.map(({ name }) => name)).toEqual([
      "shop-publisher",
      "shop-staging-deployer",
      "shop-staging-archivist",
      "shop-staging-host",
      "shop-prod-promoter",
      "shop-prod-approver",
      "shop-prod-policymaker",
      "shop-prod-deployer",
      "shop-prod-archivist",
      "shop-prod-host",
      "shop-reader",
    ]);
  });

  it("fit what IAM takes: 6,144 characters a policy, names of 64, one Sid a statement", () => {
    for (const { name, permissions } of roles) {
      const { Statement } = documentOf(permissions);
      expect(JSON.stringify(documentOf(permissions)).length).toBeLessThan(6144);
      expect(name.length).toBeLessThanOrEqual(64);
      expect(new Set(Statement.map(({ Sid }) => Sid)).size).toBe(Statement.length);
      expect(Statement.filter(({ Sid }) => !/^[A-Za-z0-9]+$/.test(Sid))).toEqual([]);
    }
  });

  it("say why, of each action", () => {
    const actions = roles.flatMap(({ permissions }) => permissions.flatMap((one) => Object.entries(one.actions)));
    expect(actions.filter(([action, why]) => !/^[a-z0-9]+:[A-Z]\w+$/.test(action) || why.length < 8)).toEqual([]);
  });
});

/** Rights of which one alone would go round the others. */
const dangerous: readonly (readonly [
  right: string,
  holders: readonly string[],
  asks: readonly [string, string, Record<string, string>?],
])[] = [
  [
    "writes a promotion to prod",
    ["shop-prod-promoter"],
    ["ssm:PutParameter", `${ssm}/shop/prod/promotions/1f`, create],
  ],
  ["changes a promotion", [], ["ssm:PutParameter", `${ssm}/shop/prod/promotions/1f`, { "ssm:Overwrite": "true" }]],
  [
    "writes evidence of a smoke test",
    ["shop-prod-promoter"],
    ["ssm:PutParameter", `${ssm}/shop/evidence/1/2/smoke`, create],
  ],
  [
    "writes evidence of prod's hosts",
    ["shop-prod-deployer"],
    ["ssm:PutParameter", `${ssm}/shop/evidence/1/2/verify/prod`, create],
  ],
  [
    "writes evidence of prod under load",
    ["shop-prod-deployer"],
    ["ssm:PutParameter", `${ssm}/shop/evidence/1/2/stress/prod/3`, create],
  ],
  [
    "writes evidence of a rehearsal for prod",
    ["shop-prod-promoter", "shop-prod-deployer"],
    ["ssm:PutParameter", `${ssm}/shop/evidence/1/2/rehearse/prod/3`, create],
  ],
  [
    "writes a deployment of prod",
    ["shop-prod-deployer"],
    ["ssm:PutParameter", `${ssm}/shop/prod/deployments/000001`, create],
  ],
  [
    "changes a deployment of prod",
    [],
    ["ssm:PutParameter", `${ssm}/shop/prod/deployments/000001`, { "ssm:Overwrite": "true" }],
  ],
  [
    "deletes a deployment of prod",
    ["shop-prod-archivist"],
    ["ssm:DeleteParameters", `${ssm}/shop/prod/deployments/000001`],
  ],
  ["deletes a promotion", [], ["ssm:DeleteParameters", `${ssm}/shop/prod/promotions/1f`]],
  [
    "runs a script on a host of prod",
    ["shop-prod-deployer"],
    ["ssm:SendCommand", `arn:aws:ec2:eu-west-1:${account}:instance/i-1`, { "ssm:resourceTag/threads-env": "prod" }],
  ],
  ["runs a script on any host", [], ["ssm:SendCommand", `arn:aws:ec2:eu-west-1:${account}:instance/i-1`]],
  ["runs another document", [], ["ssm:SendCommand", "arn:aws:ssm:eu-west-1::document/AWS-RunRemoteScript"]],
  ["opens a shell", [], ["ssm:StartSession", `arn:aws:ec2:eu-west-1:${account}:instance/i-1`]],
  [
    "uploads a layer",
    ["shop-publisher"],
    ["ecr:UploadLayerPart", `arn:aws:ecr:eu-west-1:${account}:repository/shop/web`],
  ],
  [
    "gives a tag",
    ["shop-publisher", "shop-prod-promoter"],
    ["ecr:PutImage", `arn:aws:ecr:eu-west-1:${account}:repository/shop/web`],
  ],
  ["pushes into another application", [], ["ecr:PutImage", `arn:aws:ecr:eu-west-1:${account}:repository/other/web`]],
  ["deletes an image", [], ["ecr:BatchDeleteImage", `arn:aws:ecr:eu-west-1:${account}:repository/shop/web`]],
  ["makes tags movable", [], ["ecr:PutImageTagMutability", `arn:aws:ecr:eu-west-1:${account}:repository/shop/web`]],
  ["reads the application's variables", ["shop-prod-host"], ["ssm:GetParametersByPath", `${ssm}/shop/prod/settings/`]],
  [
    "reads the application's secret",
    ["shop-staging-host"],
    ["secretsmanager:GetSecretValue", `arn:aws:secretsmanager:eu-west-1:${account}:secret:shop/all-1a2b3c`],
  ],
  [
    "changes the gates that lie in the ledger",
    ["shop-prod-policymaker"],
    ["ssm:PutParameter", `${ssm}/shop/prod/policy`, { "ssm:Overwrite": "true" }],
  ],
  ["takes the gates away that lie in the ledger", [], ["ssm:DeleteParameter", `${ssm}/shop/prod/policy`]],
  ["changes another environment's gates", [], ["ssm:PutParameter", `${ssm}/shop/staging/policy`, create]],
  ["changes its own rights", [], ["iam:PutRolePolicy", `arn:aws:iam::${account}:role/shop-publisher`]],
];

describe("who", () => {
  it.each(dangerous)("%s: %j", (_, holders, [action, resource, context]) => {
    expect(roles.filter(({ name }) => may(name, action, resource, context)).map(({ name }) => name)).toEqual(holders);
  });

  it("says yes to a release does so in one's own name", () => {
    const isSaid = (as: string, context: Record<string, string>): boolean =>
      may("shop-prod-approver", "ssm:PutParameter", `${ssm}/shop/prod/approvals/1/2/${as}/000001`, context);
    const user = { ...create, "aws:username": "ada" };
    expect(["user/ada", "user/bob", "sso/ada", "role/other"].map((as) => isSaid(as, user))).toEqual([
      true,
      false,
      false,
      false,
    ]);
    expect(isSaid("user/ada", { ...user, "ssm:Overwrite": "true" })).toBe(false);
    // As a role: its sessions have names that they choose themselves, and are one voice.
    expect(["role/shop-prod-approver", "user/ada", "user/"].map((as) => isSaid(as, create))).toEqual([
      true,
      false,
      false,
    ]);
    const center = `arn:aws:iam::${account}:role/aws-reserved/sso.amazonaws.com/eu-west-1/AWSReservedSSO_Approvers_1a2b`;
    expect(isSaid("sso/ada-example.com", { ...create, "aws:PrincipalArn": center })).toBe(true);
    expect(isSaid("sso/ada-example.com", { ...create, "aws:PrincipalArn": `arn:aws:iam::${account}:role/own` })).toBe(
      false,
    );
  });
});

it("asks for the calendars of its window, and for no others", () => {
  const shared = "arn:aws:ssm:eu-west-1:210987654321:document/company";
  const asking = rolesOf({
    ...subject,
    environments: subject.environments.map((one) =>
      one.name === "prod" ? { ...one, calendars: ["freezes", shared] } : one,
    ),
  });
  const asked = asking.filter(({ permissions }) => permissions.some(({ sid }) => sid === "AskCalendars"));
  expect(asked.map(({ name }) => name)).toEqual(["shop-prod-promoter", "shop-prod-approver", "shop-reader"]);
  const policies = [documentOf(asked[0]?.permissions ?? [])];
  const isAllowed = (resource: string): boolean =>
    decide(policies, { action: "ssm:GetCalendarState", resource, context: {} }) === "allowed";
  const own = `arn:aws:ssm:eu-west-1:${account}:document`;
  expect([`${own}/freezes`, shared, `${own}/other`].map(isAllowed)).toEqual([true, true, false]);
  expect(roles.some(({ permissions }) => permissions.some(({ sid }) => sid === "AskCalendars"))).toBe(false);
});

describe("who may take a role", () => {
  const issuer = "token.actions.githubusercontent.com";
  const github = { owner: "shop", name: "app", ids: { owner: "1", name: "2" } };
  const trust = { github, publishes: "dev", branches: { prod: "prod", dev: "dev" } };
  const claims = (change: Record<string, string> = {}): Record<string, string> => ({
    [`${issuer}:aud`]: "sts.amazonaws.com",
    [`${issuer}:sub`]: "repo:shop/app:environment:prod",
    [`${issuer}:job_workflow_ref`]: "shop/app/.github/workflows/deploy.yml@refs/heads/prod",
    ...change,
  });
  const isTaken = (
    name: string,
    context: Record<string, string>,
    action = "sts:AssumeRoleWithWebIdentity",
  ): boolean => {
    const policy = trustOf(role(name), subject, trust);
    return policy !== undefined && decide([policy], { action, resource: "", context }) === "allowed";
  };

  it("is a job in the environment, by a workflow of the branch, with either form of the subject", () => {
    for (const name of ["shop-prod-deployer", "shop-prod-promoter"]) {
      expect(isTaken(name, claims())).toBe(true);
      expect(isTaken(name, claims({ [`${issuer}:sub`]: "repo:shop@1/app@2:environment:prod" }))).toBe(true);
    }
  });

  it.each([
    ["another environment", { sub: "repo:shop/app:environment:staging" }],
    ["no environment", { sub: "repo:shop/app:ref:refs/heads/prod" }],
    ["a pull request", { sub: "repo:shop/app:pull_request" }],
    ["a fork", { sub: "repo:eve/app:environment:prod" }],
    ["a later owner of the name", { sub: "repo:shop@9/app@2:environment:prod" }],
    ["a workflow of another branch", { job_workflow_ref: "shop/app/.github/workflows/deploy.yml@refs/heads/prod2" }],
    ["a workflow of a tag", { job_workflow_ref: "shop/app/.github/workflows/deploy.yml@refs/tags/prod" }],
    ["a workflow of another repository", { job_workflow_ref: "eve/app/.github/workflows/deploy.yml@refs/heads/prod" }],
    ["a token for somebody else", { aud: "sigstore" }],
  ])("is not %s", (_, change) => {
    const changed = Object.fromEntries(Object.entries(change).map(([key, value]) => [`${issuer}:${key}`, value]));
    expect(isTaken("shop-prod-deployer", claims(changed))).toBe(false);
  });

  it("is nobody where no repository is known, an instance for hosts, and whom the account lets for people", () => {
    expect(trustOf(role("shop-prod-deployer"), subject, { ...trust, github: undefined })).toBeUndefined();
    const principal = (name: string) => trustOf(role(name), subject, trust)?.Statement[0]?.Principal;
    expect(principal("shop-prod-host")).toEqual({ Service: "ec2.amazonaws.com" });
    for (const name of ["shop-prod-approver", "shop-prod-policymaker", "shop-prod-archivist", "shop-reader"])
      expect(principal(name)).toEqual({ AWS: `arn:aws:iam::${account}:root` });
  });
});

describe("what roles are made for", () => {
  const of = (repository: string | undefined, more: object = {}): IamSubject =>
    subjectOf({ ...config, ...more, registry: { ...config.registry, repository } }, "eu-central-1");

  it("is read off ECR_REPO, then threads.yml, then the region of AWS", () => {
    const host = `${account}.dkr.ecr.eu-west-1.amazonaws.com`;
    expect(of(`${host}/shop:{tag}-{service}`)).toMatchObject({ account, region: "eu-west-1", repositories: ["shop"] });
    expect(of(`${host}/a-{service}`)).toMatchObject({ repositories: ["a-*"] });
    expect(of("shop/", { account: "210987654321" })).toMatchObject({ account: "210987654321", region: "eu-central-1" });
    expect(of("127.0.0.1:5000/shop/")).toMatchObject({ account: "000000000000", repositories: ["shop/*"] });
    expect(() => of("shop/")).toThrow(/names the AWS account/);
    expect(() =>
      subjectOf({ ...config, registry: { ...config.registry, repository: "127.0.0.1:5/shop/" } }, undefined),
    ).toThrow(/no AWS region/);
  });

  it("has the partition of its region", () => {
    const china = rolesOf({ ...subject, region: "cn-north-1", environments: environmentsOf(config) });
    const arns = china.flatMap(({ permissions }) => permissions.flatMap(({ resources }) => resources));
    expect(arns.filter((arn) => arn !== "*" && !arn.startsWith("arn:aws-cn:"))).toEqual([]);
  });
});

describe("the file for Terraform", () => {
  const all = roles.map((one) => ({
    name: one.name,
    purpose: one.purpose,
    policy: documentOf(one.permissions),
    trust: trustOf(one, subject, { github: undefined, publishes: "dev", branches: {} }),
  }));
  const text = terraformOf(all, []);

  it("has each policy as it is, with what would be a template of Terraform's doubled", () => {
    const found = [...text.matchAll(/^ {2}policy += jsonencode\((\{[^]*?\n {2}\})\)$/gm)].map(([, json = ""]) => json);
    expect(found.map((json) => JSON.parse(json.replaceAll("$${", "${")) as unknown)).toEqual(
      all.map(({ policy }) => policy),
    );
    expect(text).not.toMatch(/(?<!\$)\$\{/);
  });

  it("makes a role where it is known who may take it, an instance profile for hosts, and a policy to attach elsewhere", () => {
    const named = (kind: string): string[] =>
      [...text.matchAll(new RegExp(`^resource "${kind}" "(.*)"`, "gm"))].map(([, name = ""]) => name);
    const jobs = (...of: readonly Job[]): string[] =>
      roles.filter(({ job }) => of.includes(job)).map(({ name }) => name);
    expect(named("aws_iam_policy")).toEqual(jobs("publisher", "promoter", "deployer"));
    expect(named("aws_iam_role")).toEqual(jobs("approver", "policymaker", "archivist", "host", "reader"));
    expect(named("aws_iam_role_policy")).toEqual(named("aws_iam_role"));
    expect(named("aws_iam_instance_profile")).toEqual(jobs("host"));
  });
});

describe("where releases are signed", () => {
  const key = "arn:aws:kms:eu-west-1:123456789012:key/1234";
  const workflow = "https://github.com/acme/shop/.github/workflows/publish.yml@refs/heads/main";
  const signing = (uri: string, by: string) =>
    rolesOf(
      subjectOf(
        aConfig({
          app: "shop",
          registry: { repository: `${account}.dkr.ecr.eu-west-1.amazonaws.com/shop/` },
          signing: { key: uri },
          environments: { prod: { hosts: { tag: "threads-env=prod" }, gates: { signature: { by } } } },
        }),
        undefined,
      ),
    );
  const withKey = signing(`awskms:///${key}`, `awskms:///${key}`);
  const can = (all: readonly Role[], name: string, action: string, resource: string, context = {}): boolean =>
    decide([documentOf(all.find((one) => one.name === name)?.permissions ?? [])], { action, resource, context }) ===
    "allowed";
  const image = `arn:aws:ecr:eu-west-1:${account}:repository/shop/web`;

  it("the publisher alone signs with the key, and reads what is signed already", () => {
    const signers = withKey.filter(({ name }) => can(withKey, name, "kms:Sign", key)).map(({ job }) => job);
    expect(signers).toEqual(["publisher"]);
    expect(can(withKey, "shop-publisher", "ecr:GetDownloadUrlForLayer", image)).toBe(true);
  });

  it.each(["shop-prod-promoter", "shop-prod-approver", "shop-reader"])("%s judges them", (name) => {
    expect(can(withKey, name, "kms:GetPublicKey", key)).toBe(true);
    expect(can(withKey, name, "ecr:GetDownloadUrlForLayer", image)).toBe(true);
    expect(can(withKey, name, "ecr:GetAuthorizationToken", "*")).toBe(true);
    expect(can(withKey, name, "ssm:GetParameters", `${ssm}/shop/prod/signed`)).toBe(true);
  });

  it("only a promotion says that the gate has passed, once and for all", () => {
    const record = `${ssm}/shop/prod/signed`;
    const writers = withKey.filter(({ name }) => can(withKey, name, "ssm:PutParameter", record, create));
    expect(writers.map(({ job }) => job)).toEqual(["promoter"]);
    expect(can(withKey, "shop-prod-promoter", "ssm:PutParameter", record, { "ssm:Overwrite": "true" })).toBe(false);
    expect(withKey.some(({ name }) => can(withKey, name, "ssm:DeleteParameter", record))).toBe(false);
  });

  it("a key that is known by its alias is asked for by that, and one that AWS does not keep is none of its matters", () => {
    const kms = (all: readonly Role[]) =>
      all
        .find(({ job }) => job === "publisher")
        ?.permissions.filter(({ actions }) => Object.keys(actions).some((action) => action.startsWith("kms:")));
    expect(kms(signing("awskms:///alias/threads", workflow))).toMatchObject([
      {
        resources: [`arn:aws:kms:eu-west-1:${account}:key/*`],
        condition: { "ForAnyValue:StringEquals": { "kms:ResourceAliases": "alias/threads" } },
      },
    ]);
    expect(kms(signing("awskms:///1234", workflow))).toMatchObject([{ resources: [key] }]);
    expect(kms(signing("cosign.key", workflow))).toEqual([]);
  });

  it("statements have names of their own", () => {
    for (const { permissions } of withKey)
      expect(new Set(permissions.map(({ sid }) => sid)).size).toBe(permissions.length);
  });
});
