import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeEach, expect, test } from "vitest";
import { createSecretsManager } from "../../../../src/lib/sandbox/server/secrets/secrets-manager.ts";
import type { JsonService } from "../../../../src/lib/sandbox/server/protocol.ts";

// What Secrets Manager does with a secret, by its API reference (2017-10-17).

const root = mkdtempSync(join(tmpdir(), "threads-secrets-"));
let stateDir: string;
let service: JsonService;
beforeEach(async () => {
  stateDir = mkdtempSync(join(root, "state-"));
  service = await createSecretsManager({ stateDir, now: () => 1_795_000_000_500 });
});
afterAll(() => rmSync(root, { recursive: true }));

interface Answer {
  readonly ARN: string;
  readonly VersionId: string;
  readonly SecretString: string;
  readonly VersionStages: readonly string[];
}
const ask = async (operation: string, input: object): Promise<Answer> => {
  const identity = { account: "000000000000", accessKeyId: "AKIATEST", arn: "" };
  const call = { identity, requestId: "r", region: "eu-west-1" };
  return (await service.operations[operation]?.(input as Record<string, unknown>, call)) as Answer;
};
const nameOf = (work: Promise<unknown>): Promise<string> =>
  work.then(
    () => "accepted",
    (error: unknown) => (error as Error).name,
  );
const token = (digit: string): string => digit.repeat(32);

test("a secret is made once, and read by its name, its ARN, or that without its end", async () => {
  const { ARN, VersionId } = await ask("CreateSecret", { Name: "shop/prod", SecretString: "one" });
  expect(ARN).toMatch(/^arn:aws:secretsmanager:eu-west-1:000000000000:secret:shop\/prod-[A-Za-z0-9]{6}$/);
  for (const SecretId of ["shop/prod", ARN, ARN.slice(0, -7)])
    expect(await ask("GetSecretValue", { SecretId })).toEqual({
      ARN,
      Name: "shop/prod",
      VersionId,
      SecretString: "one",
      VersionStages: ["AWSCURRENT"],
      CreatedDate: 1_795_000_000.5,
    });
  expect(await nameOf(ask("CreateSecret", { Name: "shop/prod", SecretString: "two" }))).toBe("ResourceExistsException");
});

test("a new value is a new version with the token as its id; the one before is kept as AWSPREVIOUS", async () => {
  await ask("CreateSecret", { Name: "a", SecretString: "one", ClientRequestToken: token("1") });
  await ask("PutSecretValue", { SecretId: "a", SecretString: "two", ClientRequestToken: token("2") });
  await ask("PutSecretValue", { SecretId: "a", SecretString: "three", ClientRequestToken: token("3") });
  expect(await ask("GetSecretValue", { SecretId: "a" })).toMatchObject({
    VersionId: token("3"),
    SecretString: "three",
  });
  const before = { SecretString: "two", VersionStages: ["AWSPREVIOUS"] };
  expect(await ask("GetSecretValue", { SecretId: "a", VersionStage: "AWSPREVIOUS" })).toMatchObject(before);
  const first = await ask("GetSecretValue", { SecretId: "a", VersionId: token("1") });
  expect(first).toMatchObject({ SecretString: "one", VersionStages: [] });
});

test("what is not there, or may not be, is refused", async () => {
  await ask("CreateSecret", { Name: "a", SecretString: "one" });
  expect(await nameOf(ask("GetSecretValue", { SecretId: "b" }))).toBe("ResourceNotFoundException");
  expect(await nameOf(ask("PutSecretValue", { SecretId: "b", SecretString: "x" }))).toBe("ResourceNotFoundException");
  expect(await nameOf(ask("GetSecretValue", { SecretId: "a", VersionId: token("9") }))).toBe(
    "ResourceNotFoundException",
  );
  expect(await nameOf(ask("GetSecretValue", { SecretId: "a", VersionStage: "NONE" }))).toBe(
    "ResourceNotFoundException",
  );
  expect(await nameOf(ask("CreateSecret", { Name: "a b", SecretString: "x" }))).toBe("ValidationException");
  expect(await nameOf(ask("CreateSecret", { Name: "c", SecretString: "x".repeat(65_537) }))).toBe(
    "ValidationException",
  );
});

test("everything is kept over a restart of the server", async () => {
  await ask("CreateSecret", { Name: "a", SecretString: "one" });
  service = await createSecretsManager({ stateDir, now: Date.now });
  expect(await ask("GetSecretValue", { SecretId: "a" })).toMatchObject({ SecretString: "one" });
});
