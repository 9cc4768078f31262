import { DescribeRepositoriesCommand, ECRClient } from "@aws-sdk/client-ecr";
import { GetCallerIdentityCommand, STSClient } from "@aws-sdk/client-sts";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type FakeDistribution, startFakeDistribution } from "../../../fakes/distribution.ts";
import { connectUpstream } from "../../../../src/lib/sandbox/server/upstream.ts";
import { account, credentials, openSandbox, type OpenSandbox, region } from "./open-sandbox.ts";

let distribution: FakeDistribution;
let sandbox: OpenSandbox;

beforeAll(async () => {
  distribution = await startFakeDistribution();
  sandbox = await openSandbox({ upstream: connectUpstream(distribution.url) });
});

afterAll(async () => {
  await sandbox.stop();
  await distribution.stop();
});

interface Seen {
  readonly name: string;
  readonly message: string;
  readonly status: number | undefined;
}

/** What each of the two protocols answers to a client with other settings. */
async function refusals(settings: object): Promise<{ readonly ecr: Seen; readonly sts: Seen }> {
  const common = { region, endpoint: sandbox.url, credentials, maxAttempts: 1, ...settings };
  const ecr = new ECRClient(common);
  const sts = new STSClient(common);
  const seen = (call: Promise<unknown>): Promise<Seen> =>
    call.then(
      () => ({ name: "no error", message: "", status: 200 }),
      ({ name, message, $metadata }: Error & { $metadata?: { httpStatusCode?: number } }) => ({
        name,
        message,
        status: $metadata?.httpStatusCode,
      }),
    );
  const both = {
    ecr: await seen(ecr.send(new DescribeRepositoriesCommand({}))),
    sts: await seen(sts.send(new GetCallerIdentityCommand({}))),
  };
  ecr.destroy();
  sts.destroy();
  return both;
}

describe("GetCallerIdentity", () => {
  it("says who signed", async () => {
    expect(await sandbox.sts.send(new GetCallerIdentityCommand({}))).toMatchObject({
      Account: account,
      Arn: `arn:aws:iam::${account}:user/sandbox`,
    });
  });
});

describe("a request that is signed", () => {
  it("well passes", async () => {
    expect(await refusals({})).toMatchObject({ ecr: { name: "no error" }, sts: { name: "no error" } });
  });

  it("with an unknown key, or with a session token that does not belong to it, is not recognised", async () => {
    for (const other of [{ accessKeyId: "AKIAOTHER" }, { sessionToken: "of another account" }])
      expect(await refusals({ credentials: { ...credentials, ...other } })).toMatchObject({
        ecr: { name: "UnrecognizedClientException", status: 400 },
        sts: { name: "InvalidClientTokenId", status: 403 },
      });
  });

  it("with a wrong secret does not match", async () => {
    expect(await refusals({ credentials: { ...credentials, secretAccessKey: "another" } })).toMatchObject({
      ecr: { name: "InvalidSignatureException", status: 400 },
      sts: { name: "SignatureDoesNotMatch", status: 403 },
    });
  });

  it("for another region is refused by its scope", async () => {
    const message = "Credential should be scoped to a valid region, not 'us-east-1'.";
    expect(await refusals({ region: "us-east-1" })).toMatchObject({
      ecr: { name: "InvalidSignatureException", message },
      sts: { name: "SignatureDoesNotMatch", message },
    });
  });

  it("more than five minutes off is expired, or not yet current", async () => {
    const off = async (minutes: number) => refusals({ systemClockOffset: minutes * 60_000 });
    expect((await off(4)).ecr.name).toBe("no error");
    const late = await off(-6);
    expect(late.ecr).toMatchObject({
      name: "InvalidSignatureException",
      message: expect.stringMatching(/^Signature expired: /),
    });
    expect(late.sts.name).toBe("SignatureDoesNotMatch");
    expect((await off(6)).ecr.message).toMatch(/^Signature not yet current: /);
  });

  it("by a clock that is off is repaired by the SDK, from the Date of the refusal", async () => {
    expect((await refusals({ systemClockOffset: -3600_000, maxAttempts: 2 })).ecr.name).toBe("no error");
  });
});

describe("a request that is not signed, or not whole", () => {
  const target = "AmazonEC2ContainerRegistry_V20150921.DescribeRepositories";
  const post = async (headers: Record<string, string>, body: string): Promise<{ status: number; text: string }> => {
    const answer = await fetch(sandbox.url, { method: "POST", headers, body });
    return { status: answer.status, text: await answer.text() };
  };

  it("misses its authentication token", async () => {
    const json = await post({ "x-amz-target": target }, "{}");
    expect([json.status, JSON.parse(json.text)]).toEqual([
      400,
      { __type: "MissingAuthenticationTokenException", message: "Missing Authentication Token" },
    ]);
    const query = await post({}, "Action=GetCallerIdentity&Version=2011-06-15");
    expect(query.status).toBe(403);
    expect(query.text).toContain("<Code>MissingAuthenticationToken</Code>");
  });

  it("is incomplete without a date or with half a header", async () => {
    const { text } = await post({ "x-amz-target": target, authorization: "AWS4-HMAC-SHA256 Credential=x" }, "{}");
    expect(text).toContain("IncompleteSignatureException");
  });
});
