import { describe, expect, it } from "vitest";
import { signature, signing } from "../../../src/lib/config/signature-schema.ts";

const workflow = "https://github.com/acme/app/.github/workflows/publish.yml@refs/heads/main";
const pem = "-----BEGIN PUBLIC KEY-----\nMFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAE+/a=\n-----END PUBLIC KEY-----\n";

describe("whose signature counts", () => {
  it("is a workflow's or a person's, by the word of GitHub where nothing is said", () => {
    const issuer = "https://token.actions.githubusercontent.com";
    expect(signature.parse({ by: workflow })).toEqual({ by: { identity: workflow, issuer }, required: false });
    const accounts = "https://accounts.google.com";
    expect(signature.parse({ by: "ada@example.com", issuer: accounts, required: true })).toEqual({
      by: { identity: "ada@example.com", issuer: accounts },
      required: true,
    });
  });

  it("is that of a pipeline of GitLab, by GitLab's word; of any other name it has to be said by whose", () => {
    const pipeline = "https://gitlab.com/acme/app//.gitlab-ci.yml@refs/heads/main";
    expect(signature.parse({ by: pipeline }).by).toEqual({ identity: pipeline, issuer: "https://gitlab.com" });
    const elsewhere = "https://git.acme.example/acme/app/.github/workflows/publish.yml@refs/heads/main";
    for (const by of [elsewhere, "ada@example.com"])
      expect(JSON.stringify(signature.safeParse({ by }).error?.issues)).toMatch(
        /who vouches for that name must be said/,
      );
    const issuer = "https://git.acme.example/_services/token";
    expect(signature.parse({ by: elsewhere, issuer }).by).toEqual({ identity: elsewhere, issuer });
  });

  it("or that of a key, itself or of a service", () => {
    expect(signature.parse({ by: pem })).toEqual({ by: { key: pem.trim(), log: true }, required: false });
    expect(signature.parse({ by: "awskms:///alias/threads", log: false }).by).toEqual({
      key: "awskms:///alias/threads",
      log: false,
    });
  });

  it.each([
    [{ by: "cosign.pub" }, /a workflow/],
    [{ by: "./keys/@cosign.pub" }, /a workflow/],
    [{ by: "-----BEGIN PRIVATE KEY-----\nMFkw\n-----END PRIVATE KEY-----" }, /a workflow/],
    [{ by: pem, issuer: "https://accounts.google.com" }, /no `issuer`/],
    [{ by: workflow, log: false }, /only the log proves/],
    [{ by: workflow, issuer: "accounts.google.com" }, /https:/],
    [{}, /by/],
  ])("nothing else: %j", (written, says) => {
    const { error } = signature.safeParse(written);
    expect(JSON.stringify(error?.issues)).toMatch(says);
  });
});

describe("how a release is signed", () => {
  it("is with a key or without one; without one it stands in the log", () => {
    expect(signing.parse({})).toEqual({ log: true });
    expect(signing.parse({ key: "keys/cosign.key", log: false })).toEqual({ key: "keys/cosign.key", log: false });
    expect(signing.safeParse({ log: false }).success).toBe(false);
    expect(signing.safeParse({ key: "--upload=false" }).success).toBe(false);
  });
});
