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

  it("passes our own errors through", () => {
    const own = new ThreadsError("TAG_CONFLICT", { message: "mine" });
    expect(awsFailure(own, "x")).toBe(own);
  });
});
