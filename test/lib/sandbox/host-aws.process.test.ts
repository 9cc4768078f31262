import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { PutParameterCommand, SSMClient } from "@aws-sdk/client-ssm";
import { afterAll, beforeAll, beforeEach, expect, test } from "vitest";
import { createSecretsManager } from "../../../src/lib/sandbox/server/secrets/secrets-manager.ts";
import type { JsonService } from "../../../src/lib/sandbox/server/protocol.ts";
import { realPace } from "../../../src/lib/sandbox/server/ssm/hosts.ts";
import { createSsmOn } from "../../../src/lib/sandbox/server/ssm/ssm.ts";
import { connectUpstream } from "../../../src/lib/sandbox/server/upstream.ts";
import type { DeployScript } from "../../../src/lib/script/host-scripts.ts";
import { revisions, said, StubHost } from "../../host/host.ts";
import { credentials, openSandbox, type OpenSandbox, region } from "./server/open-sandbox.ts";

// A host makes its environment file by the sandbox's own `aws`, which asks the sandbox's server over HTTP.

const host = new StubHost();
const stateDir = mkdtempSync(join(tmpdir(), "threads-host-aws-"));
let sandbox: OpenSandbox;
let ssm: SSMClient;
let secrets: JsonService;

beforeAll(async () => {
  await host.open();
  const executor = {
    hosts: async () => [],
    run: () => Promise.reject(new Error("no host")),
    restart: async () => undefined,
  };
  const quiet = { pace: realPace, hiddenFor: 0, report: () => undefined };
  const parameters = await createSsmOn({ stateDir, executor, ...quiet });
  secrets = await createSecretsManager({ stateDir, now: Date.now });
  sandbox = await openSandbox({ upstream: connectUpstream("http://127.0.0.1:1"), services: [parameters, secrets] });
  ssm = new SSMClient(sandbox.clientSettings);
});
afterAll(async () => {
  ssm.destroy();
  await sandbox.stop();
  await host.close();
  rmSync(stateDir, { recursive: true });
});
beforeEach(() => {
  host.reset();
  withRole(credentials.secretAccessKey);
});

/** As the entrypoint of the host's image leaves it. */
function withRole(secret: string): void {
  const role = join(host.home, "instance-role");
  const lines = [
    `SANDBOX_ENDPOINT=${sandbox.url}`,
    `SANDBOX_REGION=${region}`,
    `SANDBOX_ACCESS_KEY_ID=${credentials.accessKeyId}`,
    `SANDBOX_SECRET_ACCESS_KEY='${secret}'`,
    "SANDBOX_SESSION_TOKEN=",
  ];
  writeFileSync(role, `${lines.join("\n")}\n`);
  const text = readFileSync(new URL("../../../src/lib/sandbox/images/host/aws", import.meta.url), "utf8");
  writeFileSync(join(host.home, "bin", "aws"), text.replace("role=/etc/sandbox/instance-role", `role=${role}`), {
    mode: 0o755,
  });
}

const deploy = async (envFrom: string, change: Partial<DeployScript> = {}) =>
  said(await host.run(host.deployScript(1, revisions.old, { envFrom, region, ...change })));
const made = (): string => {
  const bundle = host.deployScript(1, revisions.old).match(/SHORT='(\w+)'/)?.[1] ?? "";
  return readFileSync(join(host.root, "releases", bundle, "environment", "env"), "utf8");
};
const put = (Name: string, Value: string, Overwrite = false) =>
  ssm.send(new PutParameterCommand({ Name, Value, Type: "SecureString", Overwrite }));

test("all pages of a path, what is secret decrypted, in the newest versions; what lies deeper is not read", async () => {
  const names = Array.from({ length: 21 }, (_, index) => `KEY_${String(index).padStart(2, "0")}`);
  for (const name of names) await put(`/shop/prod/${name}`, `value of ${name}`);
  await put("/shop/prod/KEY_07", 'é😀 it\'s "$HOME" \\ #', true);
  await put("/shop/prod/deeper/OTHER", "x");
  await sandbox.settings({ faults: [{ operation: "GetParametersByPath", kind: "throttle", times: 2, skip: 1 }] });
  const summary = await deploy("/shop/prod/");
  const versions = Object.fromEntries(names.map((name) => [name, name === "KEY_07" ? "2" : "1"]));
  expect(summary).toMatchObject({ ok: true, environment: { from: "/shop/prod/", versions } });
  expect(await sandbox.met()).toEqual(["GetParametersByPath throttle", "GetParametersByPath throttle"]);
  const lines = names.map((name) =>
    name === "KEY_07" ? String.raw`KEY_07="é😀 it's \"\$HOME\" \\ #"` : `${name}='value of ${name}'`,
  );
  expect(made()).toBe(`${lines.join("\n")}\n`);
});

test("a secret, by its name", async () => {
  const call = { identity: { account: "000000000000", accessKeyId: "", arn: "" }, requestId: "", region };
  await secrets.operations["CreateSecret"]?.({ Name: "shop/prod", SecretString: '{"A": "1"}' }, call);
  const second = (await secrets.operations["PutSecretValue"]?.(
    { SecretId: "shop/prod", SecretString: '{"A": "two"}' },
    call,
  )) as {
    VersionId: string;
  };
  expect(await deploy("secretsmanager:shop/prod")).toMatchObject({
    ok: true,
    environment: { from: "secretsmanager:shop/prod", versions: { A: second.VersionId } },
  });
  expect(made()).toBe("A='two'\n");
});

test.each([
  ["nothing below it", "/shop/staging/", "there is no parameter directly below it"],
  ["no such secret", "secretsmanager:none", "there is no such secret"],
])("is refused: %s", async (_, from, why) => {
  expect((await deploy(from))["message"]).toBe(`the environment cannot be made from ${from}: ${why}`);
});

test("is refused: a role that the server does not know", async () => {
  withRole("another one");
  expect((await deploy("/shop/prod/"))["message"]).toContain(
    "aws ended with 254: An error occurred (InvalidSignatureException)",
  );
});
