import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { GetParametersCommand, SSMClient } from "@aws-sdk/client-ssm";
import { describe, expect, it } from "vitest";
import { awsFailure } from "../../../src/lib/aws/failure.ts";
import { ThreadsError } from "../../../src/lib/errors/threads-error.ts";

const named = (name: string, more: object = {}): Error => Object.assign(new Error("details"), { name, ...more });

describe("an AWS failure", () => {
  it.each([
    ["CredentialsProviderError", "NO_CREDENTIALS"],
    ["ExpiredTokenException", "CREDENTIALS_EXPIRED"],
    ["ExpiredToken", "CREDENTIALS_EXPIRED"],
    ["UnrecognizedClientException", "CREDENTIALS_INVALID"],
    ["InvalidSignatureException", "CREDENTIALS_INVALID"],
    ["SignatureDoesNotMatch", "CREDENTIALS_INVALID"],
    ["AccessDeniedException", "ACCESS_DENIED"],
    ["ThrottlingException", "THROTTLED"],
    ["TimeoutError", "AWS_UNREACHABLE"],
    ["SomethingNew", "AWS_FAILURE"],
  ])("%s is reported as %s, refused, with a next step", (name, code) => {
    const failure = awsFailure(named(name), "reading threads/web");
    expect(failure).toMatchObject({ code, exitCode: 3 });
    expect(failure.message).toContain("while reading threads/web");
    expect([...failure.next, ...failure.advice].length).toBeGreaterThan(0);
  });

  it("recognises an endpoint that does not answer", () => {
    expect(awsFailure(named("Error", { code: "ECONNREFUSED" }), "x").code).toBe("AWS_UNREACHABLE");
  });

  it.each([
    [
      "User: arn:aws:sts::123456789012:assumed-role/shop-prod-promoter/run-7 is not authorized to perform: ssm:PutParameter on resource: arn:aws:ssm:eu-west-1:123456789012:parameter/shop/prod/lock because no identity-based policy allows the ssm:PutParameter action",
      "the role shop-prod-promoter lacks ssm:PutParameter on arn:aws:ssm:eu-west-1:123456789012:parameter/shop/prod/lock, so that AWS denies access while x",
    ],
    [
      "User: arn:aws:iam::123456789012:user/ada is not authorized to perform: ecr:GetAuthorizationToken on resource: * with an explicit deny in an identity-based policy",
      "arn:aws:iam::123456789012:user/ada is denied ecr:GetAuthorizationToken, so that AWS denies access while x",
    ],
    [
      "Not authorized to perform sts:AssumeRoleWithWebIdentity",
      "AWS denies access (Not authorized to perform sts:AssumeRoleWithWebIdentity) while x",
    ],
  ])("tells whose permission is missing, and which: %s", (message, says) => {
    const failure = awsFailure(Object.assign(new Error(message), { name: "AccessDeniedException" }), "x");
    expect(failure).toMatchObject({
      code: "ACCESS_DENIED",
      message: says,
      next: ["threads policy iam", "aws sts get-caller-identity"],
    });
  });

  it("names the way to a sandbox's new credentials, where those of the shell are not accepted", () => {
    const { next } = awsFailure(named("UnrecognizedClientException"), "reading threads/web");
    expect(next).toEqual(["aws sts get-caller-identity", 'eval "$(threads sandbox env)"']);
  });

  it("names the profile that gives no credentials", () => {
    const failure = awsFailure(named("CredentialsProviderError"), "reading threads/web", "nosuch");
    expect(failure).toMatchObject({
      code: "NO_CREDENTIALS",
      message: 'the profile "nosuch" (AWS_PROFILE) gives no AWS credentials while reading threads/web',
      next: ["aws sso login --profile nosuch", "aws configure list-profiles"],
    });
  });

  it.each([200, 403, 503])("tells who it was that answered with a page and HTTP %i", async (status) => {
    const proxy = createServer((_, response) => {
      response.writeHead(status, { "content-type": "text/html; charset=utf-8" }).end("<html>Sign in, please</html>");
    });
    await new Promise<void>((resolve) => proxy.listen(0, "127.0.0.1", resolve));
    const host = `127.0.0.1:${(proxy.address() as AddressInfo).port}`;
    const credentials = { accessKeyId: "none", secretAccessKey: "none" };
    const ssm = new SSMClient({ endpoint: `http://${host}`, region: "eu-west-1", credentials, maxAttempts: 1 });
    const error: unknown = await ssm
      .send(new GetParametersCommand({ Names: ["x"] }))
      .catch((caught: unknown) => caught);
    proxy.close();
    expect(awsFailure(error, "reading x")).toMatchObject({
      code: "AWS_FAILURE",
      message: `${host} answered HTTP ${status} with text/html, which is not AWS's while reading x`,
      advice: ["a proxy, or another server, stands where AWS should answer"],
    });
  });

  it("passes our own errors through", () => {
    const own = new ThreadsError("TAG_CONFLICT", { message: "mine" });
    expect(awsFailure(own, "x")).toBe(own);
  });
});
