import { afterEach, beforeEach, expect, test } from "vitest";
import type { Ledger, DeploymentOutcome } from "../../../src/lib/ledger/ledger.ts";
import type { FakeSsm } from "../../fakes/ssm.ts";
import { draft, openLedger } from "./open-ledger.ts";

let ssm: FakeSsm;
let ledger: Ledger;
beforeEach(async () => {
  ({ ssm, ledger } = await openLedger());
});
afterEach(() => ssm.close());

const ended = (
  number: number,
  nonce: string,
  result: DeploymentOutcome["result"] = "succeeded",
): DeploymentOutcome => ({
  schema: 1,
  number,
  nonce,
  result,
  hosts: [{ id: "i-00000000000000001", state: "new" }],
  finishedAt: "2026-11-22T10:05:00.000Z",
});

test("records lie under the environment, numbered, and come back newest first over every page", async () => {
  for (let number = 1; number <= 12; number += 1) {
    const intent = await ledger.begin("prod", number, draft());
    if (number < 12) await ledger.finish("prod", ended(number, intent.nonce));
  }
  await ledger.begin("staging", 1, draft());
  const found = (await ledger.deploymentLog("prod", Infinity)).deployments;
  expect(found.map((one) => one.intent.number)).toEqual([12, 11, 10, 9, 8, 7, 6, 5, 4, 3, 2, 1]);
  expect(found[0]?.outcome).toBeUndefined();
  expect(found[11]?.outcome?.result).toBe("succeeded");
  expect(ssm.parameters.store.has("/threads/prod/deployments/000012")).toBe(true);
  expect(ssm.parameters.store.has("/threads/prod/deployments/000001/outcome")).toBe(true);
});

test("of several writers of one number exactly one wins, and the others hear who it was", async () => {
  const results = await Promise.allSettled(
    ["ada", "bob", "eve"].map((user) => ledger.begin("prod", 1, draft({ by: { user, host: "laptop" } }))),
  );
  expect(results.filter((one) => one.status === "fulfilled")).toHaveLength(1);
  const lost = results.find((one) => one.status === "rejected");
  expect(lost?.reason).toMatchObject({
    outcome: "conflict",
    code: "DEPLOYMENT_TAKEN",
    message: expect.stringMatching(/^(ada|bob|eve) on laptop began deployment 1 of prod/),
  });
});

test("one's own record, met again after a lost reply, is a success", async () => {
  ssm.fail("PutParameter", "lose-reply");
  const intent = await ledger.begin("prod", 1, draft());
  expect(ssm.count("PutParameter")).toBe(2);
  ssm.fail("PutParameter", "lose-reply");
  await ledger.finish("prod", ended(1, intent.nonce));
  expect((await ledger.deploymentLog("prod", Infinity)).deployments[0]).toMatchObject({
    intent: { nonce: intent.nonce },
    outcome: { result: "succeeded" },
  });
});

test("an outcome is written once: another one afterwards is a conflict", async () => {
  const { nonce } = await ledger.begin("prod", 1, draft());
  await ledger.finish("prod", ended(1, nonce, "interrupted"));
  await expect(ledger.finish("prod", ended(1, nonce, "succeeded"))).rejects.toMatchObject({
    outcome: "conflict",
    code: "OUTCOME_TAKEN",
    next: ["threads status -e prod"],
  });
});

test("TooManyUpdates is tried again", async () => {
  ssm.fail("PutParameter", { type: "TooManyUpdates" }, { type: "TooManyUpdates" });
  await ledger.begin("prod", 1, draft());
  expect(ssm.parameters.store.size).toBe(1);
});

test("where there is no room for all, what was measured gives way before the cause", async () => {
  const finish = async (number: number, count: number): Promise<DeploymentOutcome | undefined> => {
    const hosts = Array.from({ length: count }, (_, n) => `i-${String(n).padStart(17, "0")}`);
    const { nonce } = await ledger.begin("prod", number, draft({ hosts }));
    const traffic = { requests: 9, failed: 0, longestGapMs: 1, p99BeforeMs: 2, p99AfterMs: 3 };
    const tasks = { finished: 4, lost: 0 };
    const measured = hosts.map((id) => ({ id, state: "old" as const, traffic, tasks }));
    const cause = { code: "ROLLED_BACK", message: "why" };
    const timings = { pull: 9 };
    const rounds = hosts.map((_, n) => ({ afterMs: n * 1000, timings }));
    await ledger.finish("prod", { ...ended(number, nonce, "rolled-back"), hosts: measured, timings, rounds, cause });
    return (await ledger.deploymentLog("prod")).deployments[0]?.outcome;
  };
  const small = await finish(1, 3);
  expect(small).toMatchObject({ timings: { pull: 9 }, cause: { message: "why" } });
  expect(small?.rounds?.[2]).toEqual({ afterMs: 2000, timings: { pull: 9 } });
  expect(small?.hosts[0]).toMatchObject({ traffic: { requests: 9 }, tasks: { finished: 4, lost: 0 } });
  const large = await finish(2, 60);
  expect(large).toMatchObject({ cause: { message: "why" } });
  expect([large?.timings, large?.hosts[0]?.traffic, large?.hosts[0]?.tasks]).toEqual([undefined, undefined, undefined]);
  expect(large?.hosts).toHaveLength(60);
  // When hosts were at what gives way before how long that took.
  const some = await finish(3, 20);
  expect(some).toMatchObject({ timings: { pull: 9 } });
  expect(some?.rounds).toBeUndefined();
  const inParts = await finish(4, 400);
  expect(inParts).toMatchObject({ timings: { pull: 9 }, cause: { message: "why" } });
  expect([inParts?.hosts.length, inParts?.rounds]).toEqual([400, undefined]);
});

test("fifty hosts fit into a record", async () => {
  const hosts = Array.from({ length: 50 }, (_, n) => `i-${String(n).padStart(17, "0")}`);
  const intent = await ledger.begin(
    "prod",
    1,
    draft({
      hosts,
      by: { user: "u".repeat(64), host: "h".repeat(64), runUrl: "https://github.com/o/r/actions/runs/1" },
    }),
  );
  await ledger.finish("prod", { ...ended(1, intent.nonce), hosts: hosts.map((id) => ({ id, state: "untouched" })) });
  expect(ssm.parameters.store.size).toBe(2);
});

test("an environment goes onto record with the outcome; where there is no room, the cause goes first, and then it", async () => {
  const environment = (names: number) => ({
    from: "/threads/prod/",
    versions: Object.fromEntries(Array.from({ length: names }, (_, n) => [`A_VARIABLE_${n}`, String(n)])),
  });
  const cause = { code: "ROLLED_BACK", message: "m".repeat(600) };
  const kept = async (number: number, names: number) => {
    const intent = await ledger.begin("prod", number, draft());
    await ledger.finish("prod", { ...ended(number, intent.nonce), cause, environment: environment(names) });
    const { outcome } = (await ledger.deploymentLog("prod", 1)).deployments[0]!;
    return [outcome?.cause !== undefined, outcome?.environment !== undefined];
  };
  expect(await kept(1, 20)).toEqual([true, true]);
  expect(await kept(2, 160)).toEqual([false, true]);
  expect(await kept(3, 300)).toEqual([false, false]);
});

test("an environment on record that cannot be read costs nothing but itself", async () => {
  const intent = await ledger.begin("prod", 1, draft());
  await ledger.finish("prod", ended(1, intent.nonce));
  const name = "/threads/prod/deployments/000001/outcome";
  const record = JSON.parse(ssm.parameters.store.get(name) ?? "") as object;
  ssm.parameters.store.set(name, JSON.stringify({ ...record, environment: { from: 1 } }));
  const { outcome } = (await ledger.deploymentLog("prod", 1)).deployments[0]!;
  expect(outcome).toMatchObject({ result: "succeeded" });
  expect(outcome?.environment).toBeUndefined();
});

test.each(["no json", '{"schema":2}', "[]", "{}"])("a parameter that is no record is named: %s", async (text) => {
  ssm.parameters.store.set("/threads/prod/deployments/000001", text);
  await expect(ledger.deploymentLog("prod")).rejects.toMatchObject({ code: "LEDGER_UNREADABLE" });
});
