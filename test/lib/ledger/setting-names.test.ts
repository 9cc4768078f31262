import { PutParameterCommand, type SSMClient } from "@aws-sdk/client-ssm";
import { afterEach, beforeEach, expect, test } from "vitest";
import { directRecords } from "../../../src/lib/ledger/direct-records.ts";
import { settingNames } from "../../../src/lib/ledger/setting-names.ts";
import { hurriedClock } from "../../fakes/hurried-clock.ts";
import { FakeSsm } from "../../fakes/ssm.ts";

let ssm: FakeSsm;
beforeEach(async () => {
  ssm = new FakeSsm();
  await ssm.open();
});
afterEach(() => ssm.close());

const ports = () => ({ aws: ssm.clients(), clock: hurriedClock() });
async function put(...names: string[]): Promise<void> {
  const client: SSMClient = await ssm.clients().ssm();
  for (const Name of names) await client.send(new PutParameterCommand({ Name, Value: "secret", Type: "SecureString" }));
}

test("names of what lies directly below a path, however it is written, and of nothing else", async () => {
  await put("/shop/prod/KEY", "/shop/prod/DB", "/shop/prod/deployments/000001", "/shop/prodigy/OTHER");
  for (const path of ["/shop/prod/", "/shop/prod"])
    expect([...(await settingNames(path, [], ports()))].toSorted()).toEqual(["DB", "KEY"]);
});

test("the ledger's own records are no settings", async () => {
  await put("/shop/prod/KEY", ...directRecords("shop", "prod"));
  expect([...(await settingNames("/shop/prod/", directRecords("shop", "prod"), ports()))]).toEqual(["KEY"]);
});

test("all pages of them", async () => {
  const names = Array.from({ length: 120 }, (_, at) => `KEY_${at}`);
  await put(...names.map((name) => `/shop/prod/${name}`));
  expect((await settingNames("/shop/prod/", [], ports())).size).toBe(120);
});

test("no values are asked for", async () => {
  await put("/shop/prod/KEY");
  const before = ssm.calls.length;
  await settingNames("/shop/prod/", [], ports());
  expect(ssm.calls.slice(before)).toEqual(["DescribeParameters"]);
});
