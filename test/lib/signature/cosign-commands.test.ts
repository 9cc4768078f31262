import { expect, test } from "vitest";
import { publicKey, sign, verify, verifyEnvironment } from "../../../src/lib/signature/cosign-commands.ts";

// Flags as doc/cosign_sign.md and doc/cosign_verify.md of cosign 2.5 and 3.0 have them; test/e2e/signatures.long.test.ts runs it.
const one = `localhost:5000/threads/web@sha256:${"a".repeat(64)}`;
const two = `localhost:5000/threads/bundle@sha256:${"b".repeat(64)}`;
const github = "https://token.actions.githubusercontent.com";
const key = "-----BEGIN PUBLIC KEY-----\nMFkw\n-----END PUBLIC KEY-----";

test("a workflow is told by its whole name and by who vouches for it", () => {
  expect(
    verify([one, two], { identity: "https://github.com/acme/app/x.yml@refs/heads/dev", issuer: github }).args,
  ).toEqual([
    "verify",
    "--certificate-identity=https://github.com/acme/app/x.yml@refs/heads/dev",
    `--certificate-oidc-issuer=${github}`,
    "--output=json",
    one,
    two,
  ]);
});

test("with a star it is a pattern of all of the name: cosign itself looks for one anywhere, and a dot is any character", () => {
  expect(verify([one], { identity: "https://github.com/acme/app/*@refs/heads/(x|y)", issuer: github }).args).toContain(
    String.raw`--certificate-identity-regexp=^https://github\.com/acme/app/.*@refs/heads/\(x\|y\)$`,
  );
});

test("whoever it may be: only where nobody is named", () => {
  expect(verify([one], { identity: "*", issuer: undefined }).args.slice(1, 3)).toEqual([
    "--certificate-identity-regexp=^.*$",
    "--certificate-oidc-issuer-regexp=.+",
  ]);
});

test("a key that is text travels in the environment, one of a service by its name", () => {
  const text = { key, log: true };
  expect(verify([one], text).args.slice(1, -2)).toEqual(["--key=env://THREADS_SIGNATURE_KEY"]);
  expect(verifyEnvironment(text)).toEqual({ THREADS_SIGNATURE_KEY: key });
  const service = { key: "awskms:///alias/threads", log: false };
  expect(verify([one], service).args.slice(1, -2)).toEqual([
    "--key=awskms:///alias/threads",
    "--insecure-ignore-tlog=true",
  ]);
  expect(verifyEnvironment(service)).toEqual({});
});

test("nobody is asked anything: by a key, or as the workflow that this is", () => {
  const old = { knowsSigningConfig: false };
  expect(sign([one, two], { key: undefined, log: true }, old).args).toEqual(["sign", "--yes", one, two]);
  expect(sign([one], { key: "cosign.key", log: true }, old).args).toEqual(["sign", "--yes", "--key=cosign.key", one]);
});

test("without the log: cosign 3 takes that from a configuration, unless it is told not to", () => {
  const how = { key: "cosign.key", log: false };
  expect(sign([one], how, { knowsSigningConfig: false }).args.slice(2, -1)).toEqual([
    "--key=cosign.key",
    "--tlog-upload=false",
  ]);
  expect(sign([one], how, { knowsSigningConfig: true }).args.slice(3, -1)).toEqual([
    "--tlog-upload=false",
    "--use-signing-config=false",
  ]);
});

test("the other half of a key", () => {
  expect(publicKey("cosign.key")).toEqual({ file: "cosign", args: ["public-key", "--key=cosign.key"] });
});
