import { request } from "node:http";
import {
  CreateRepositoryCommand,
  DescribeRepositoriesCommand,
  ECRClient,
  GetAuthorizationTokenCommand,
} from "@aws-sdk/client-ecr";
import { AssumeRoleCommand, GetCallerIdentityCommand, STSClient } from "@aws-sdk/client-sts";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import type { PolicyDocument } from "../../../../src/lib/iam/document.ts";
import { type FakeDistribution, startFakeDistribution } from "../../../fakes/distribution.ts";
import { account, openSandbox, type OpenSandbox, region } from "./open-sandbox.ts";

let distribution: FakeDistribution;
let sandbox: OpenSandbox;

beforeAll(async () => {
  distribution = await startFakeDistribution();
  sandbox = await openSandbox({ upstream: distribution.upstream });
  await sandbox.ecr.send(new CreateRepositoryCommand({ repositoryName: "shop/web" }));
});
beforeEach(async () => {
  sandbox.clock.offset = 0;
  await putRoles({ roles: [puller, approver] });
});
afterAll(async () => {
  await sandbox.stop();
  await distribution.stop();
});

const allow = (Action: readonly string[], more: object): PolicyDocument => ({
  Version: "2012-10-17",
  Statement: [{ Sid: "Only", Effect: "Allow", Action, ...more }],
});
const people = { Principal: { AWS: `arn:aws:iam::${account}:root` } };
const puller = {
  name: "shop-puller",
  policy: allow(["ecr:GetAuthorizationToken", "ecr:BatchGetImage"], { Resource: ["*"] }),
  trust: allow(["sts:AssumeRole"], people),
};
const named = { StringEquals: { "sts:SourceIdentity": "${aws:username}" } };
const approver = {
  ...puller,
  name: "shop-approver",
  trust: allow(["sts:AssumeRole", "sts:SetSourceIdentity"], { ...people, Condition: named }),
};

const putRoles = (body: object, headers: Record<string, string> = {}): Promise<Response> =>
  fetch(`${sandbox.url}/_sandbox/roles`, { method: "PUT", body: JSON.stringify(body), headers });

const arnOf = (name: string): string => `arn:aws:iam::${account}:role/${name}`;
const assume = async (name: string, more: object = {}) => {
  const command = new AssumeRoleCommand({ RoleArn: arnOf(name), RoleSessionName: "run-7", ...more });
  const { Credentials: given } = await sandbox.sts.send(command);
  return {
    accessKeyId: given?.AccessKeyId ?? "",
    secretAccessKey: given?.SecretAccessKey ?? "",
    sessionToken: given?.SessionToken ?? "",
  };
};
const clients = (credentials: Awaited<ReturnType<typeof assume>>) => {
  const settings = { region, endpoint: sandbox.url, credentials, maxAttempts: 1 };
  return { ecr: new ECRClient(settings), sts: new STSClient(settings) };
};
const failure = (call: Promise<unknown>): Promise<{ name: string; message: string }> =>
  call.then(
    () => ({ name: "none", message: "" }),
    ({ name, message }: Error) => ({ name, message }),
  );

describe("a role of the sandbox", () => {
  it("is taken by its name, and has a name of its own everywhere", async () => {
    const { sts } = clients(await assume("shop-puller"));
    expect(await sts.send(new GetCallerIdentityCommand({}))).toMatchObject({
      Account: account,
      Arn: `arn:aws:sts::${account}:assumed-role/shop-puller/run-7`,
      UserId: expect.stringMatching(/^AROA[0-9A-F]{17}:run-7$/),
    });
  });

  it("may do what its policy allows, and nothing else, in AWS's words", async () => {
    const { ecr } = clients(await assume("shop-puller"));
    await ecr.send(new GetAuthorizationTokenCommand({}));
    expect(await failure(ecr.send(new DescribeRepositoriesCommand({ repositoryNames: ["shop/web"] })))).toEqual({
      name: "AccessDeniedException",
      message: `User: arn:aws:sts::${account}:assumed-role/shop-puller/run-7 is not authorized to perform: ecr:DescribeRepositories on resource: arn:aws:ecr:${region}:${account}:repository/shop/web because no identity-based policy allows the ecr:DescribeRepositories action`,
    });
  });

  it("may do what it asks for only where it may do it to all that it names", async () => {
    const web = `arn:aws:ecr:${region}:${account}:repository/shop/web`;
    const looker = { ...puller, name: "shop-looker", policy: allow(["ecr:DescribeRepositories"], { Resource: [web] }) };
    await putRoles({ roles: [looker] });
    const { ecr } = clients(await assume("shop-looker"));
    const look = (...repositoryNames: string[]) =>
      failure(ecr.send(new DescribeRepositoriesCommand({ repositoryNames })));
    expect(await look("shop/web")).toEqual({ name: "none", message: "" });
    for (const names of [
      ["shop/web", "shop/other"],
      ["shop/other", "shop/web"],
    ])
      expect(await look(...names)).toMatchObject({
        name: "AccessDeniedException",
        message: expect.stringContaining("repository/shop/other"),
      });
  });

  it("is known to conditions by its role, its account and its session", async () => {
    const where = (condition: object) => ({
      ...puller,
      policy: allow(["ecr:GetAuthorizationToken"], { Resource: ["*"], Condition: { StringLike: condition } }),
    });
    const ask = async (condition: object): Promise<string> => {
      await putRoles({ roles: [where(condition)] });
      const { ecr } = clients(await assume("shop-puller"));
      return (await failure(ecr.send(new GetAuthorizationTokenCommand({})))).name;
    };
    expect(await ask({ "aws:PrincipalArn": arnOf("shop-puller") })).toBe("none");
    expect(await ask({ "aws:PrincipalAccount": account, "aws:userid": "AROA*:run-7" })).toBe("none");
    expect(await ask({ "aws:PrincipalArn": arnOf("shop-approver") })).toBe("AccessDeniedException");
    expect(await ask({ "aws:userid": "AROA*:run-8" })).toBe("AccessDeniedException");
    // Nobody has said whose session it is.
    expect(await ask({ "aws:SourceIdentity": "*" })).toBe("AccessDeniedException");
  });

  it("may no more by docker than by the API", async () => {
    const { ecr } = clients(await assume("shop-puller"));
    const { authorizationData } = await ecr.send(new GetAuthorizationTokenCommand({}));
    const headers = { authorization: `Basic ${authorizationData?.[0]?.authorizationToken ?? ""}` };
    const read = await fetch(`${sandbox.url}/v2/shop/web/manifests/latest`, { headers });
    expect(read.status).toBe(404);
    const push = await fetch(`${sandbox.url}/v2/shop/web/blobs/uploads/`, { method: "POST", headers });
    expect(push.status).toBe(403);
    expect(await push.json()).toEqual({
      errors: [
        {
          code: "DENIED",
          message: expect.stringContaining("is not authorized to perform: ecr:InitiateLayerUpload on resource"),
        },
      ],
    });
  });

  it("ends with its time, and is none with another's key, a changed token or none", async () => {
    const mine = await assume("shop-puller", { DurationSeconds: 900 });
    const ask = (credentials: Awaited<ReturnType<typeof assume>>) =>
      failure(clients(credentials).ecr.send(new GetAuthorizationTokenCommand({})));
    const other = await assume("shop-approver", { SourceIdentity: "sandbox" });
    expect(await ask({ ...mine, sessionToken: other.sessionToken })).toMatchObject({
      name: "UnrecognizedClientException",
    });
    expect(await ask({ ...mine, sessionToken: `x${mine.sessionToken}` })).toMatchObject({
      name: "UnrecognizedClientException",
    });
    // A token is good with the key that came with it alone, although it is known who has taken it.
    expect(await ask({ ...mine, accessKeyId: "ASIA0123456789ABCDEF" })).toMatchObject({
      name: "UnrecognizedClientException",
    });
    expect(await ask({ ...mine, secretAccessKey: other.secretAccessKey })).toMatchObject({
      name: "InvalidSignatureException",
    });
    sandbox.clock.offset = 901_000;
    const settings = { region, endpoint: sandbox.url, credentials: mine, maxAttempts: 1, systemClockOffset: 901_000 };
    expect(await failure(new ECRClient(settings).send(new GetAuthorizationTokenCommand({})))).toMatchObject({
      name: "ExpiredTokenException",
    });
    expect(await failure(new STSClient(settings).send(new GetCallerIdentityCommand({})))).toMatchObject({
      name: "ExpiredToken",
    });
  });

  it("is refused to whom its trust policy does not name, and one that is not there in the same words", async () => {
    const words = (name: string, action = "sts:AssumeRole") => ({
      name: "AccessDenied",
      message: expect.stringContaining(`is not authorized to perform: ${action} on resource: ${arnOf(name)}`),
    });
    expect(await failure(assume("nobody"))).toEqual(words("nobody"));
    expect(await failure(assume("shop-approver"))).toEqual(words("shop-approver"));
    expect(await failure(assume("shop-approver", { SourceIdentity: "ada" }))).toEqual(words("shop-approver"));
    await assume("shop-approver", { SourceIdentity: "sandbox" });
    // Whose trust does not let them say who they are.
    expect(await failure(assume("shop-puller", { SourceIdentity: "sandbox" }))).toEqual(
      words("shop-puller", "sts:SetSourceIdentity"),
    );
    for (const DurationSeconds of [899, 43_201])
      expect(await failure(assume("shop-puller", { DurationSeconds }))).toMatchObject({ name: "ValidationError" });
    // A role may not take another by the account's trust alone.
    const { sts } = clients(await assume("shop-puller"));
    const chained = new AssumeRoleCommand({ RoleArn: arnOf("shop-puller"), RoleSessionName: "again" });
    expect(await failure(sts.send(chained))).toEqual(words("shop-puller"));
  });

  it("outlives a restart, and its policy is that of the moment", async () => {
    const mine = await assume("shop-puller");
    await sandbox.restart();
    const ask = () => failure(clients(mine).ecr.send(new GetAuthorizationTokenCommand({})));
    expect(await ask()).toEqual({ name: "none", message: "" });
    await putRoles({ roles: [] });
    expect(await ask()).toMatchObject({ name: "AccessDeniedException" });
  });

  it("is not put with a policy that cannot be evaluated", async () => {
    const strange = { ...puller, policy: allow(["*"], { Resource: ["*"], Condition: { IpAddress: {} } }) };
    const refused = await putRoles({ roles: [strange] });
    expect([refused.status, await refused.json()]).toEqual([400, { message: expect.stringContaining("IpAddress") }]);
    expect((await putRoles({ roles: [{ ...puller, trust: strange.policy }] })).status).toBe(400);
    expect((await putRoles({ roles: [{ name: "x" }] })).status).toBe(400);
    const shown = (await (await fetch(`${sandbox.url}/_sandbox/roles`)).json()) as { roles: { name: string }[] };
    expect(shown.roles.map(({ name }) => name)).toEqual(["shop-puller", "shop-approver"]);
  });
});

describe("the sandbox's own pages", () => {
  /** As a browser asks where a name of the web leads to this machine. */
  const as = (host: string): Promise<number | undefined> =>
    new Promise((resolve, reject) => {
      const asked = request({ port: sandbox.port, path: "/_sandbox/settings", headers: { host } }, (answer) => {
        answer.resume();
        resolve(answer.statusCode);
      });
      asked.on("error", reject).end();
    });

  it("are shown to whoever names this machine, and to no page of the web", async () => {
    const port = String(sandbox.port);
    // It may be published behind another port than its own.
    const own = ["127.0.0.1", "localhost", "[::1]"].flatMap((name) => [name, `${name}:${port}`, `${name}:1`]);
    expect(new Set(await Promise.all(own.map(as)))).toEqual(new Set([200]));
    const others = ["attacker.example", `attacker.example:${port}`, `127.0.0.1.attacker.example:${port}`, "localhost:"];
    expect(await Promise.all(others.map(as))).toEqual([403, 403, 403, 403]);
  });
});
