import { afterEach, beforeEach, expect, test } from "vitest";
import { deploy } from "../../../../src/lib/actions/deploy/run.ts";
import { rollback } from "../../../../src/lib/actions/rollback/run.ts";
import { Fleet, sha } from "../../../fakes/fleet.ts";

let fleet: Fleet;
beforeEach(async () => {
  fleet = await Fleet.open(2);
  for (const word of ["one", "two", "three"]) fleet.publish(word);
});
afterEach(() => fleet.close());

const put = (word: string, force = false) =>
  deploy({ environment: "prod", release: sha(word), dryRun: false, force, supersede: undefined }, fleet.ports());
const back = (dryRun = false) => rollback({ environment: "prod", dryRun, supersede: undefined }, fleet.ports());

test("goes to the release before, as a new record, without migrating and without the registry", async () => {
  await put("one");
  await put("two");
  fleet.manifests.clear();
  const result = await back();
  expect(result).toMatchObject({
    status: "deployed",
    kind: "rollback",
    number: 3,
    rollbackOf: 2,
    release: { revision: sha("one") },
  });
  expect(result.undo).toBe(`threads deploy -e prod ${sha("two")}`);
  expect(fleet.revisions("one", "two")).toEqual(["one", "one"]);
  expect(fleet.hosts[0]!.seen.at(-1)).toBe("deploy 3");
  expect((await fleet.ports().ledger.deployments("prod"))[0]).toMatchObject({
    intent: { kind: "rollback", rollbackOf: 2 },
  });
});

test("a second one goes further back, never forward to what the first one left", async () => {
  for (const word of ["one", "two", "three"]) await put(word);
  await back();
  await back();
  expect(fleet.revisions("one", "two", "three")).toEqual(["one", "one"]);
  await expect(back()).rejects.toMatchObject({ code: "NOTHING_TO_ROLL_BACK", exitCode: 3 });
});

test("the same release deployed twice counts once", async () => {
  await put("one");
  await put("two");
  await put("two", true);
  await back();
  expect(fleet.revisions("one", "two")).toEqual(["one", "one"]);
});

test("after an interrupted deployment back means to the last that succeeded", async () => {
  await put("one");
  await put("two");
  fleet.hosts[0]!.onDeploy = () => fleet.press();
  await put("three").catch(() => undefined);
  expect(fleet.revisions("two", "three")).toEqual(["three", "two"]);
  fleet.hosts[0]!.onDeploy = undefined;
  const calm = { signal: new AbortController().signal };
  const result = await rollback(
    { environment: "prod", dryRun: false, supersede: undefined },
    { ...fleet.ports(), ...calm },
  );
  expect(result).toMatchObject({ rollbackOf: 3, release: { revision: sha("two") } });
  expect(fleet.revisions("two", "three")).toEqual(["two", "two"]);
});

test("after one that failed and was rolled back it goes one below what runs", async () => {
  await put("one");
  await put("two");
  fleet.hosts[0]!.behaviours.push({ code: 15 });
  await put("three").catch(() => undefined);
  expect((await back()).release.revision).toBe(sha("one"));
});

test("dry: says where it would go", async () => {
  await put("one");
  await put("two");
  expect(await back(true)).toMatchObject({ status: "planned", release: { revision: sha("one") }, rollbackOf: 2 });
  expect(fleet.revisions("two")).toEqual(["two", "two"]);
});

test("where nothing was deployed there is nothing to go back to", async () => {
  await expect(back()).rejects.toMatchObject({
    code: "NOTHING_TO_ROLL_BACK",
    message: "nothing was ever deployed to prod",
  });
});
