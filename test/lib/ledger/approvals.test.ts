import { afterEach, beforeEach, expect, test } from "vitest";
import { digestOf } from "../../../src/lib/image/digest.ts";
import type { Ledger } from "../../../src/lib/ledger/ledger.ts";
import type { FakeSsm } from "../../fakes/ssm.ts";
import { openLedger } from "./open-ledger.ts";

let ssm: FakeSsm;
let ledger: Ledger;
beforeEach(async () => {
  ({ ssm, ledger } = await openLedger());
});
afterEach(() => ssm.close());

const revision = "a".repeat(40);
const said = {
  environment: "prod",
  revision,
  bundle: digestOf("bundle"),
  word: "approved",
  principal: "user/ada",
  comment: "",
  by: { user: "ada", host: "laptop" },
  at: "2026-11-22T10:00:00.000Z",
} as const;
const callsOf = async (ask: () => Promise<unknown>): Promise<readonly string[]> => {
  const before = ssm.calls.length;
  await ask();
  return ssm.calls.slice(before).toSorted();
};

test("what was said of a revision and who wrote it are asked for once each, at once", async () => {
  const both = ["DescribeParameters", "GetParametersByPath"];
  expect(await callsOf(() => ledger.approvals("prod", revision))).toEqual(both);
  await ledger.approve(said, 1);
  expect(await callsOf(() => ledger.approvals("prod", revision))).toEqual(both);
});

test("who wrote what was said of all of them is asked for where there is any", async () => {
  expect(await callsOf(() => ledger.approvalsTo("prod"))).toEqual(["GetParametersByPath"]);
  await ledger.approve(said, 1);
  expect(await callsOf(() => ledger.approvalsTo("prod"))).toEqual(["DescribeParameters", "GetParametersByPath"]);
});
