import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { deploy } from "../../../src/lib/actions/deploy/run.ts";
import { oneDeployment } from "../../../src/lib/actions/history/one.ts";
import { rollback } from "../../../src/lib/actions/rollback/run.ts";
import { status } from "../../../src/lib/actions/status/run.ts";
import type { Config } from "../../../src/lib/config/config.ts";
import { directRecords } from "../../../src/lib/ledger/direct-records.ts";
import { Fleet, sha } from "../../fakes/fleet.ts";

// The environment that hosts make themselves: what they are told, and what of it is told on.

let fleet: Fleet;
beforeEach(async () => {
  fleet = await Fleet.open(2);
  for (const word of ["one", "two"]) fleet.publish(word);
});
afterEach(() => fleet.close());

const from = "/shop/prod/";
function config(change: { readonly ofAll?: string; readonly ofProd?: string } = { ofProd: from }): Config {
  const file = fleet.config();
  const { ofAll, ofProd } = change;
  const prod = { ...file.environments["prod"]!, ...(ofProd !== undefined && { envFrom: ofProd }) };
  const runtime = { ...file.runtime, ...(ofAll !== undefined && { envFrom: ofAll }) };
  return { ...file, runtime, environments: { ...file.environments, prod } };
}
const ports = (change?: Parameters<typeof config>[0]) => fleet.ports({ config: config(change) });
const put = (word: string, change?: Parameters<typeof config>[0]) =>
  deploy({ environment: "prod", release: sha(word), dryRun: false, force: true, supersede: undefined }, ports(change));
const back = (dryRun = false) => rollback({ environment: "prod", dryRun, supersede: undefined }, ports());
/** All hosts read the same store. */
function store(versions: Readonly<Record<string, string>>): void {
  for (const host of fleet.hosts) host.store = versions;
}
const recorded = async () =>
  (await fleet.ports().ledger.deploymentLog("prod", Infinity)).deployments[0]?.outcome?.environment;

test("that the role of a host may not read is told with what gives it the right, in the sandbox and in AWS", async () => {
  const message =
    "the environment cannot be made from /shop/prod/: the role of this host lacks ssm:GetParametersByPath on it";
  fleet.hosts[0]!.behaviours.push({ code: 10, serves: "old", message });
  const again = `threads deploy -e prod ${sha("one")}`;
  await expect(put("one")).rejects.toMatchObject({
    code: "HOST_NOT_READY",
    message: expect.stringContaining(message),
    next: expect.arrayContaining(["threads sandbox up", "threads policy iam", again]),
  });
});

test("is made from where the environment says, before what holds for all", async () => {
  store({ A: "1" });
  expect((await put("one", { ofAll: "/shop/all/" })).environmentMade).toMatchObject({ from: "/shop/all/" });
  expect((await put("one", { ofAll: "/shop/all/", ofProd: from })).environmentMade).toMatchObject({ from });
  expect((await put("one", {})).environmentMade).toBeNull();
});

test("whatever the ledger keeps directly below the path of an environment is none of its variables", async () => {
  const { ledger } = fleet.ports();
  const draft = { reason: "stop", by: { user: "bob", host: "desk" }, at: "2026-11-22T10:00:00.000Z" };
  const found = new Set<string>();
  const look = (): void => {
    for (const name of fleet.ssm.parameters.store.keys()) if (/^\/threads\/prod\/[^/]+$/.test(name)) found.add(name);
  };
  fleet.hosts[0]!.onDeploy = look;
  await put("one");
  await ledger.freeze("prod", draft);
  await ledger.pushPolicy({ environment: "prod", gates: {}, by: draft.by, at: draft.at });
  look();
  expect([...found].toSorted()).toEqual(directRecords("threads", "prod").toSorted());
});

test("a deployment records the versions, and says what is new since the release before", async () => {
  store({ A: "1", GONE: "1" });
  expect(await put("one")).toMatchObject({
    environmentMade: { from, versions: { A: "1", GONE: "1" } },
    environmentSince: null,
  });
  store({ A: "2", B: "1" });
  const since = { changed: ["A"], added: ["B"], removed: ["GONE"] };
  expect(await put("two")).toMatchObject({ environmentSince: since });
  const environmentMade = { from, versions: { A: "2", B: "1" } };
  expect(await recorded()).toEqual(environmentMade);
  expect(await oneDeployment({ environment: "prod", number: 2 }, fleet.ports())).toMatchObject({ environmentMade });
  const [prod] = (await status({ environment: "prod" }, fleet.ports())).environments;
  expect(prod?.hosts.map((host) => host.environmentMade)).toEqual([environmentMade, environmentMade]);
});

test("a rollback has the one of its release, planned and done, and says what the newer one had otherwise", async () => {
  store({ A: "1", GONE: "1" });
  await put("one");
  store({ A: "2", B: "1" });
  await put("two");
  store({});
  const facts = {
    environmentMade: { from, versions: { A: "1", GONE: "1" } },
    environmentSince: { changed: ["A"], added: ["B"], removed: ["GONE"] },
  };
  expect(await back(true)).toMatchObject({ outcome: "planned", ...facts });
  expect(await back()).toMatchObject({ outcome: "deployed", ...facts });
  expect(await recorded()).toEqual(facts.environmentMade);
});

describe("a store that is changed while a deployment is at work", () => {
  test("is told of the host that has another one; the record has the first", async () => {
    fleet.hosts[0]!.store = { A: "1", B: "1" };
    fleet.hosts[1]!.store = { A: "2", C: "1" };
    await put("one");
    expect(fleet.warnings).toEqual([
      "i-00000000000000002 has another environment than the host before it, since it was changed meanwhile: A, C and B",
    ]);
    expect(await recorded()).toMatchObject({ versions: { A: "1" } });
  });

  test("is no matter where it is the same", async () => {
    store({ A: "1" });
    await put("one");
    expect(fleet.warnings).toEqual([]);
  });
});

test("one that fails leaves no environment on record: no host has it", async () => {
  store({ A: "1" });
  await put("one");
  fleet.hosts[1]!.behaviours.push({ code: 15, serves: "old" });
  await expect(put("two")).rejects.toMatchObject({ code: "ROLLED_BACK" });
  expect(await recorded()).toBeUndefined();
});
