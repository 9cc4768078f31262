import { createPrivateKey, generateKeyPairSync, sign } from "node:crypto";
import { AssumeRoleWithWebIdentityCommand, GetCallerIdentityCommand, STSClient } from "@aws-sdk/client-sts";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { documentOf } from "../../../../src/lib/iam/document.ts";
import { repositoryNamed, trustBy } from "../../../../src/lib/iam/github-repository.ts";
import { rolesOf } from "../../../../src/lib/iam/roles.ts";
import { trustOf } from "../../../../src/lib/iam/trust.ts";
import { environmentsOf } from "../../../../src/lib/iam/from-config.ts";
import type { GithubJob } from "../../../../src/lib/sandbox/server/iam/github-job.ts";
import { aConfig } from "../../../fakes/config.ts";
import { type FakeDistribution, startFakeDistribution } from "../../../fakes/distribution.ts";
import { account, credentials, openSandbox, type OpenSandbox, region } from "./open-sandbox.ts";

let distribution: FakeDistribution;
let sandbox: OpenSandbox;

beforeAll(async () => {
  distribution = await startFakeDistribution();
  sandbox = await openSandbox({ upstream: distribution.upstream });
  await putRoles("acme/shop");
});
beforeEach(() => {
  sandbox.clock.offset = 0;
});
afterAll(async () => {
  await sandbox.stop();
  await distribution.stop();
});

const config = aConfig({
  environments: {
    staging: { hosts: { tag: "env=staging" } },
    prod: { hosts: { tag: "env=prod" }, gates: { branch: "main" } },
  },
});

/** The roles with the trust policies that `threads policy iam --github` prints for a repository. */
async function putRoles(github: string): Promise<void> {
  const environments = environmentsOf(config);
  const subject = { app: "shop", account, region, repositories: ["shop/*"], environments, signing: undefined };
  const trust = trustBy(config, repositoryNamed(github));
  const roles = rolesOf(subject).flatMap((role) => {
    const printed = trustOf(role, subject, trust);
    return printed === undefined ? [] : [{ name: role.name, policy: documentOf(role.permissions), trust: printed }];
  });
  await put(roles);
}

async function put(roles: readonly object[]): Promise<void> {
  const body = JSON.stringify({ roles });
  expect((await fetch(`${sandbox.url}/_sandbox/roles`, { method: "PUT", body })).status).toBe(200);
}

const workflow = "acme/shop/.github/workflows/deploy.yml@refs/heads/main";
const ofProd: GithubJob = {
  repository: "acme/shop",
  repository_id: "7",
  repository_owner_id: "1",
  environment: "prod",
  ref: "refs/heads/main",
  sha: "a".repeat(40),
  workflow_ref: workflow,
  job_workflow_ref: workflow,
  event_name: "workflow_dispatch",
  actor: "octocat",
  run_id: "12",
  run_attempt: "1",
  hasIds: false,
};
const owner = `Basic ${Buffer.from(`${credentials.accessKeyId}:${credentials.secretAccessKey}`).toString("base64")}`;
const post = (job: object, authorization = owner): Promise<Response> =>
  fetch(`${sandbox.url}/_sandbox/github/job`, {
    method: "POST",
    body: JSON.stringify(job),
    headers: { authorization },
  });

/** As a job gets it: by the two variables that it is given. */
async function tokenFor(change: Partial<GithubJob> = {}, audience = "sts.amazonaws.com"): Promise<string> {
  const given = (await (await post({ ...ofProd, ...change })).json()) as Record<string, string>;
  const { ACTIONS_ID_TOKEN_REQUEST_URL: url = "", ACTIONS_ID_TOKEN_REQUEST_TOKEN: token = "" } = given;
  const wanted = audience === "" ? url : `${url}&audience=${encodeURIComponent(audience)}`;
  const reply = await fetch(wanted, { headers: { authorization: `Bearer ${token}` } });
  return ((await reply.json()) as { readonly value: string }).value;
}

const claimsIn = (token: string): Record<string, unknown> =>
  JSON.parse(Buffer.from(token.split(".")[1] ?? "", "base64url").toString("utf8")) as Record<string, unknown>;

const clientWith = (own: { accessKeyId: string; secretAccessKey: string; sessionToken?: string }): STSClient =>
  new STSClient({ region, endpoint: sandbox.url, credentials: own, maxAttempts: 1 });

/** A job has no key of AWS. */
const assume = (token: string, role = "shop-prod-deployer") => {
  const sts = clientWith({ accessKeyId: "none", secretAccessKey: "none" });
  const RoleArn = `arn:aws:iam::${account}:role/${role}`;
  return sts.send(
    new AssumeRoleWithWebIdentityCommand({ RoleArn, RoleSessionName: "run-12", WebIdentityToken: token }),
  );
};
const failure = (call: Promise<unknown>): Promise<{ name: string; message: string }> =>
  call.then(
    () => ({ name: "none", message: "" }),
    ({ name, message }: Error) => ({ name, message }),
  );
const refused = { name: "AccessDenied", message: "Not authorized to perform sts:AssumeRoleWithWebIdentity" };

it("the first tokens, asked for at once, are of one key", async () => {
  for (const token of await Promise.all([tokenFor(), tokenFor(), tokenFor()]))
    expect(await failure(assume(token))).toMatchObject({ name: "none" });
});

describe("a token, by GitHub's documentation of OpenID Connect", () => {
  it("names the job, and is for the audience that it was asked for", async () => {
    expect(claimsIn(await tokenFor())).toMatchObject({
      iss: "https://token.actions.githubusercontent.com",
      aud: "sts.amazonaws.com",
      sub: "repo:acme/shop:environment:prod",
      environment: "prod",
      repository: "acme/shop",
      repository_owner: "acme",
      job_workflow_ref: workflow,
      run_id: "12",
    });
    expect(claimsIn(await tokenFor({}, ""))["aud"]).toBe("https://github.com/acme");
  });

  it.each<[string, Partial<GithubJob>]>([
    ["repo:acme@1/shop@7:environment:prod", { hasIds: true }],
    ["repo:acme/shop:ref:refs/heads/main", { environment: undefined as never }],
    ["repo:acme/shop:pull_request", { environment: undefined as never, event_name: "pull_request" }],
  ])("has the subject %s", async (sub, change) => {
    expect(claimsIn(await tokenFor(change))["sub"]).toBe(sub);
  });

  it("is given to nobody but a job, and made for nobody but the sandbox's own key", async () => {
    const url = `${sandbox.url}/_sandbox/github/token?audience=sts.amazonaws.com`;
    expect((await fetch(url)).status).toBe(401);
    const made = (await (await post(ofProd)).json()) as Record<string, string>;
    const [payload] = (made["ACTIONS_ID_TOKEN_REQUEST_TOKEN"] ?? "").split(".");
    const forged = await fetch(url, { headers: { authorization: `Bearer ${payload}.${"A".repeat(43)}` } });
    expect(forged.status).toBe(401);
    expect((await post(ofProd, "Basic bm9ib2R5")).status).toBe(403);
    expect((await post({ ...ofProd, ref: "" })).status).toBe(400);
  });
});

describe("AssumeRoleWithWebIdentity, by the trust policy that is printed", () => {
  it("gives a job of the environment its role, without a key", async () => {
    const taken = await assume(await tokenFor());
    expect(taken).toMatchObject({
      Audience: "sts.amazonaws.com",
      SubjectFromWebIdentityToken: "repo:acme/shop:environment:prod",
      Provider: `arn:aws:iam::${account}:oidc-provider/token.actions.githubusercontent.com`,
    });
    const { AccessKeyId = "", SecretAccessKey = "", SessionToken = "" } = taken.Credentials ?? {};
    const own = { accessKeyId: AccessKeyId, secretAccessKey: SecretAccessKey, sessionToken: SessionToken };
    const sts = clientWith(own);
    expect((await sts.send(new GetCallerIdentityCommand({}))).Arn).toBe(
      `arn:aws:sts::${account}:assumed-role/shop-prod-deployer/run-12`,
    );
  });

  it.each<[string, Partial<GithubJob>, string]>([
    ["another environment's job", { environment: "staging" }, "shop-prod-deployer"],
    ["a job in no environment", { environment: undefined as never }, "shop-prod-deployer"],
    ["another repository's", { repository: "acme/shop-fork" }, "shop-prod-deployer"],
    [
      "a workflow as a branch has it",
      { job_workflow_ref: "acme/shop/.github/workflows/deploy.yml@refs/heads/without-gates" },
      "shop-prod-deployer",
    ],
    [
      "a workflow of another repository, called from this one",
      { job_workflow_ref: "evil/shop/.github/workflows/deploy.yml@refs/heads/main" },
      "shop-prod-deployer",
    ],
    ["subjects with ids, where nobody told the ids", { hasIds: true }, "shop-prod-deployer"],
    ["a role that people take", {}, "shop-reader"],
    ["a role that there is not", {}, "shop-nobody"],
  ])("refuses, in AWS's words: %s", async (_, change, role) => {
    expect(await failure(assume(await tokenFor(change), role))).toEqual(refused);
  });

  it("takes both forms of the subject where the ids are known, and no others' ids", async () => {
    await putRoles("acme@1/shop@7");
    expect(await failure(assume(await tokenFor({ hasIds: true })))).toMatchObject({ name: "none" });
    expect(await failure(assume(await tokenFor()))).toMatchObject({ name: "none" });
    expect(await failure(assume(await tokenFor({ hasIds: true, repository_owner_id: "2" })))).toEqual(refused);
    await putRoles("acme/shop");
  });

  it.each([
    { Federated: `arn:aws:iam::${account}:oidc-provider/gitlab.com` },
    { Federated: `arn:aws:iam::111111111111:oidc-provider/token.actions.githubusercontent.com` },
    { AWS: `arn:aws:iam::${account}:root` },
  ])("lets no token in where another is trusted: %o", async (Principal) => {
    const Statement = [{ Sid: "Other", Effect: "Allow", Principal, Action: ["sts:AssumeRoleWithWebIdentity"] }];
    const policy = { Version: "2012-10-17", Statement: [] };
    await put([{ name: "shop-prod-deployer", policy, trust: { Version: "2012-10-17", Statement } }]);
    expect(await failure(assume(await tokenFor()))).toEqual(refused);
    await putRoles("acme/shop");
  });

  it("says what is wrong with a token before it looks at the role", async () => {
    const invalid = (message: string) => ({
      name: "InvalidIdentityTokenException",
      message: expect.stringContaining(message),
    });
    expect(await failure(assume(await tokenFor({}, "sigstore")))).toEqual(invalid("Incorrect token audience"));
    expect(await failure(assume("not.a-token"))).toEqual(invalid("The ID Token provided is not a valid JWT"));
    const good = await tokenFor();
    const [head = "", , mark = ""] = good.split(".");
    const body = (change: object): string =>
      Buffer.from(JSON.stringify({ ...claimsIn(good), ...change })).toString("base64url");
    const changed = `${head}.${body({ sub: "repo:acme/shop:environment:staging" })}.${mark}`;
    expect(await failure(assume(changed))).toEqual(invalid("Couldn't retrieve verification key"));
    const { privateKey } = generateKeyPairSync("rsa", { modulusLength: 2048 });
    const text = `${head}.${body({})}`;
    const others = `${text}.${sign("RSA-SHA256", Buffer.from(text), createPrivateKey(privateKey.export({ type: "pkcs8", format: "pem" }))).toString("base64url")}`;
    expect(await failure(assume(others))).toEqual(invalid("Couldn't retrieve verification key"));
    expect(await failure(assume(`${head}.${body({ iss: "https://gitlab.example" })}.${mark}`))).toEqual(
      invalid("No OpenIDConnect provider found in your account for https://gitlab.example"),
    );
    sandbox.clock.offset = 301_000;
    expect(await failure(assume(good))).toMatchObject({
      name: "ExpiredTokenException",
      message: expect.stringMatching(
        /^Token expired: current date\/time \d+ must be before the expiration date\/time \d+$/,
      ),
    });
  });

  it("knows its tokens after a restart", async () => {
    const token = await tokenFor();
    await sandbox.restart();
    expect(await failure(assume(token))).toMatchObject({ name: "none" });
  });
});
