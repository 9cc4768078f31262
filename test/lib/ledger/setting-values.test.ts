import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { CreateSecretCommand, SecretsManagerClient } from "@aws-sdk/client-secrets-manager";
import { PutParameterCommand } from "@aws-sdk/client-ssm";
import { afterEach, beforeEach, expect, test } from "vitest";
import { openContact } from "../../../src/lib/aws/contact.ts";
import { directRecords } from "../../../src/lib/ledger/direct-records.ts";
import { settingValues } from "../../../src/lib/ledger/setting-values.ts";
import { createSecretsManager } from "../../../src/lib/sandbox/server/secrets/secrets-manager.ts";
import { connectUpstream } from "../../../src/lib/sandbox/server/upstream.ts";
import { hurriedClock } from "../../fakes/hurried-clock.ts";
import { FakeSsm } from "../../fakes/ssm.ts";
import { openSandbox } from "../sandbox/server/open-sandbox.ts";

let ssm: FakeSsm;
beforeEach(async () => {
  ssm = new FakeSsm();
  await ssm.open();
});
afterEach(() => ssm.close());

const ports = () => ({ aws: ssm.clients(), clock: hurriedClock() });
const revealed = async (from: string, others: readonly string[] = []): Promise<string[]> =>
  (await settingValues(from, others, ports())).map((one) => one.reveal()).toSorted();

test("values of what lies directly below a path, on all pages, and none of the ledger's own records", async () => {
  const client = await ssm.clients().ssm();
  const names = Array.from({ length: 12 }, (_, n) => `/shop/prod/KEY_${n}`);
  const others = directRecords("shop", "prod");
  for (const Name of [...names, ...others, "/shop/prod/deployments/000001", "/shop/prodigy/OTHER"])
    await client.send(new PutParameterCommand({ Name, Value: `value of ${Name}`, Type: "SecureString" }));
  for (const path of ["/shop/prod/", "/shop/prod"])
    expect(await revealed(path, others)).toEqual(names.map((name) => `value of ${name}`).toSorted());
});

test("of a secret its values one by one, and what is no JSON as one", async () => {
  const stateDir = mkdtempSync(join(tmpdir(), "threads-values-"));
  const secrets = await createSecretsManager({ stateDir, now: Date.now });
  const upstream = connectUpstream("http://127.0.0.1:1");
  const sandbox = await openSandbox({ upstream, services: async () => [secrets], withoutSockets: true });
  const client = new SecretsManagerClient(sandbox.clientSettings);
  const aws = { ...ssm.clients(), contact: openContact(), secrets: async () => client };
  const valuesOf = async (Name: string, SecretString: string): Promise<string[]> => {
    const { ARN = "" } = await client.send(new CreateSecretCommand({ Name, SecretString }));
    const values = await settingValues(`secretsmanager:${ARN}`, [], { aws, clock: hurriedClock() });
    return values.map((one) => one.reveal());
  };
  expect(await valuesOf("shop/prod", JSON.stringify({ KEY: "one", PORT: 5432 }))).toEqual(["one", "5432"]);
  const nested = { db: { password: "s3cr3t-pw" }, empty: null };
  expect(await valuesOf("shop/nested", JSON.stringify(nested))).toEqual(['{"password":"s3cr3t-pw"}', "null"]);
  expect(await valuesOf("shop/text", "just a text")).toEqual(["just a text"]);
  expect(await valuesOf("shop/word", JSON.stringify("word"))).toEqual(['"word"']);
  client.destroy();
  await sandbox.stop();
  rmSync(stateDir, { recursive: true });
});
