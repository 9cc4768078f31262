import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { gates } from "../../../src/lib/config/gates-schema.ts";
import type { Ledger } from "../../../src/lib/ledger/ledger.ts";
import type { PolicyDraft } from "../../../src/lib/ledger/policy.ts";
import type { FakeSsm } from "../../fakes/ssm.ts";
import { openLedger } from "./open-ledger.ts";

let ssm: FakeSsm;
let ledger: Ledger;
beforeEach(async () => {
  ({ ssm, ledger } = await openLedger());
});
afterEach(() => ssm.close());

const name = "/threads/prod/policy";
const by = { user: "ada", host: "laptop" };
const at = "2026-11-22T10:00:00.000Z";
const draft: PolicyDraft = {
  environment: "prod",
  gates: { verified: "staging", soak: 60, approvals: { count: 2 } },
  principal: "user/ada",
  by,
  at,
};
const put = (change: object): void => {
  ssm.parameters.store.set(name, JSON.stringify({ schema: 1, version: "0.4.0", ...draft, ...change }));
};

describe("a policy", () => {
  test("lies under its environment, comes back as gates, and is numbered by Parameter Store", async () => {
    expect(await ledger.policy("prod")).toBeUndefined();
    expect(await ledger.pushPolicy(draft)).toBe(1);
    expect(await ledger.policy("prod")).toMatchObject({
      gates: gates.parse(draft.gates),
      principal: "user/ada",
      by,
      reason: undefined,
      number: 1,
    });
    expect(await ledger.pushPolicy({ ...draft, gates: { smoke: true }, reason: "for now" })).toBe(2);
    expect(await ledger.policy("prod")).toMatchObject({
      gates: gates.parse({ smoke: true }),
      reason: "for now",
      number: 2,
    });
    expect(await ledger.policy("staging")).toBeUndefined();
    expect([...ssm.parameters.store.keys()]).toEqual([name]);
  });

  test("is read with the freeze, and with the evidence, in no call more than the freeze alone", async () => {
    await ledger.pushPolicy(draft);
    await ledger.freeze("prod", { reason: "a test", by, at });
    const calls = ssm.calls.length;
    expect(await ledger.ruling("prod")).toMatchObject({ freeze: { reason: "a test" }, policy: { number: 1 } });
    expect(ssm.calls.slice(calls)).toEqual(["GetParameters"]);
    expect(await ledger.revisionRecords("prod", "a".repeat(40))).toMatchObject({ policy: { number: 1 } });
    expect(ssm.calls.slice(calls + 1).toSorted()).toEqual(["GetParameters", "GetParametersByPath"]);
  });

  test("may ask for nothing", async () => {
    await ledger.pushPolicy({ ...draft, gates: null });
    expect(await ledger.policy("prod")).toMatchObject({ gates: null });
  });

  test.each([
    ["no JSON", "approvals: 2", /no policy that this threads understands/],
    ["another record", JSON.stringify({ schema: 1, reason: "x", by, at, nonce: "n" }), /version: /],
    [
      "of another environment",
      JSON.stringify({ schema: 1, version: "0.4.0", ...draft, environment: "staging" }),
      /it is the policy of staging/,
    ],
    ["without its gates", JSON.stringify({ schema: 1, version: "0.4.0", ...draft, gates: undefined }), /gates: /],
    [
      "with a gate that nobody knows",
      JSON.stringify({ schema: 1, version: "0.4.0", ...draft, gates: { blessing: true } }),
      /blessing/,
    ],
    [
      "with a wrong value",
      JSON.stringify({ schema: 1, version: "0.4.0", ...draft, gates: { approvals: { count: 0 } } }),
      /gates\.approvals\.count: /,
    ],
  ])("that is %s is refused, and never taken for none", async (_, text, words) => {
    ssm.parameters.store.set(name, text);
    for (const read of [ledger.policy("prod"), ledger.ruling("prod"), ledger.revisionRecords("prod", "a".repeat(40))])
      await expect(read).rejects.toMatchObject({
        code: "POLICY_UNREADABLE",
        exitCode: 3,
        message: expect.stringMatching(words),
        next: expect.arrayContaining([`aws ssm get-parameter-history --name ${name}`]),
      });
  });

  test("of a newer threads says which, by its schema or by a gate that this one does not know", async () => {
    put({ schema: 2, version: "9.1.0" });
    await expect(ledger.ruling("prod")).rejects.toMatchObject({
      code: "LEDGER_UNREADABLE",
      next: ["npm install threads@9.1.0"],
    });
    put({ version: "9.1.0", gates: { blessing: true } });
    await expect(ledger.ruling("prod")).rejects.toMatchObject({
      code: "POLICY_UNREADABLE",
      next: expect.arrayContaining(["npm install threads@9.1.0"]),
    });
    put({ version: "9.1.0; rm", gates: { blessing: true } });
    await expect(ledger.ruling("prod")).rejects.toMatchObject({
      next: expect.not.arrayContaining([expect.stringContaining("rm")]),
    });
  });

  test("says who has written it, by the word of Parameter Store", async () => {
    expect(await ledger.policyWriter("prod")).toBeUndefined();
    await ledger.pushPolicy(draft);
    expect(await ledger.policyWriter("prod")).toMatch(/^arn:aws:/);
  });

  test("that has no room is refused before anything is written", async () => {
    const allow = Array.from({ length: 60 }, (_, n) => ({
      id: `CVE-${n}`,
      until: "2026-12-31",
      reason: "x".repeat(60),
    }));
    const long = { ...draft, gates: { scan: { allow } } };
    await expect(ledger.wouldPush(long)).rejects.toMatchObject({ code: "RECORD_TOO_LARGE" });
    await expect(ledger.pushPolicy(long)).rejects.toMatchObject({ code: "RECORD_TOO_LARGE" });
    expect(ssm.parameters.store.size).toBe(0);
  });
});
