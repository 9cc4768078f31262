import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { digestOf } from "../../../src/lib/image/digest.ts";
import type { Evidence } from "../../../src/lib/ledger/evidence.ts";
import type { Ledger } from "../../../src/lib/ledger/ledger.ts";
import type { Promotion } from "../../../src/lib/ledger/promotions.ts";
import { signedLedger } from "../../../src/lib/ledger/signed-ledger.ts";
import type { FakeSsm } from "../../fakes/ssm.ts";
import { draft, openLedger } from "./open-ledger.ts";

let ssm: FakeSsm;
let bare: Ledger;
let ledger: Ledger;
beforeEach(async () => {
  ({ ssm, ledger: bare } = await openLedger());
  ledger = signedLedger(bare, () => Promise.resolve(principal));
});
afterEach(() => ssm.close());

const principal = "role/threads-prod-deployer";
/** What a shell says of itself that would be GitHub's. */
const by = { user: "the-boss", host: "laptop", runUrl: "https://github.com/shop/app/actions/runs/7" };
const at = "2026-11-22T10:00:00.000Z";
const revision = "a".repeat(40);
const bundle = digestOf("bundle");
const nonce = "0".repeat(16);
const promotion: Promotion = {
  schema: 1,
  environment: "prod",
  revision,
  bundle,
  tags: [],
  gates: {},
  overrides: [{ gate: "soak", reason: "outage", says: "1 h to go" }],
  by,
  at,
  version: "1.0.0",
};
const evidence: Evidence = {
  schema: 1,
  kind: "smoke",
  revision,
  images: { web: digestOf("web") },
  checks: [{ path: "/", status: 200, ok: true, ms: 3 }],
  moreChecks: 0,
  by,
  at,
  version: "1.0.0",
};
const approval = { environment: "prod", revision, bundle, word: "approved", principal, comment: "", by, at } as const;
const exec = { host: { id: "i-1", name: "prod-1" }, service: "web", command: ["id"], by, at };
const freeze = { reason: "outage", by, at };
const policy = { environment: "prod", gates: null, principal, by, at };

/** Every method of the ledger: one that is new has to say here how it is called. */
const calls: Readonly<Record<keyof Ledger, () => Promise<unknown>>> = {
  begin: () => ledger.begin("prod", 1, draft({ by })),
  finish: () => ledger.finish("prod", { schema: 1, number: 1, nonce, result: "succeeded", hosts: [], finishedAt: at }),
  takeLease: () => ledger.takeLease("prod", { kind: "deploy", number: 1, revision, by }, () => false),
  freeze: () => ledger.freeze("staging", freeze),
  lift: () => ledger.lift("staging", by, at),
  attest: () => ledger.attest(bundle, evidence),
  recordPromotion: () => ledger.recordPromotion(promotion),
  recordFirstSigned: () => ledger.recordFirstSigned("prod", { bundle, by, at }),
  recordExec: () => ledger.recordExec("prod", nonce, exec),
  approve: () => ledger.approve(approval, 1),
  pushPolicy: () => ledger.pushPolicy(policy),
  renewLease: async () => {
    const taken = await ledger.takeLease("dev", { kind: "deploy", number: 1, revision, by }, () => false);
    if ("own" in taken) await ledger.renewLease("dev", taken.own, "the first host");
  },
  // What writes nothing, or takes away.
  wouldFreeze: () => ledger.wouldFreeze("dev", freeze),
  wouldApprove: () => ledger.wouldApprove(approval),
  wouldPush: () => ledger.wouldPush(policy),
  deploymentLog: () => ledger.deploymentLog("prod"),
  readOn: async () => ledger.readOn("prod", await ledger.deploymentLog("prod"), 1),
  lease: () => ledger.lease("prod"),
  endLease: () => ledger.endLease("dev", { kind: "deploy", number: 1, revision, by, nonce }, false),
  breakLease: () => ledger.breakLease("dev", nonce),
  frozen: () => ledger.frozen("prod"),
  revisionRecords: () => ledger.revisionRecords("prod", revision),
  firstSigned: () => ledger.firstSigned("prod"),
  isPromoted: () => ledger.isPromoted(promotion),
  promotionsTo: () => ledger.promotionsTo("prod"),
  promotionsOf: () => ledger.promotionsOf("prod", bundle),
  liftedFreezes: () => ledger.liftedFreezes("prod"),
  execs: () => ledger.execs("prod"),
  approvals: () => ledger.approvals("prod", revision),
  approvalsTo: () => ledger.approvalsTo("prod"),
  ruling: () => ledger.ruling("prod"),
  policy: () => ledger.policy("prod"),
  policyWriter: () => ledger.policyWriter("prod"),
};

/** The records that are there, without what names no author: the newest number. */
const records = (): [string, string][] =>
  [...ssm.parameters.store].filter(([name]) => !name.endsWith("/deployments/head"));

describe("whatever the ledger writes", () => {
  test("says whom AWS takes for its author, beside what the machine says of itself", async () => {
    for (const call of Object.values(calls)) await call();
    const kinds = [
      "000001",
      "outcome",
      "lock",
      "smoke",
      "promotions",
      "prod/signed",
      "execs",
      "approvals",
      "policy",
      "freezes",
    ];
    const all = records();
    expect(kinds.filter((kind) => !all.some(([name]) => name.includes(kind)))).toEqual([]);
    expect(all.filter(([, text]) => !text.includes(`"principal":"${principal}"`)).map(([name]) => name)).toEqual([]);
    const machines = all.flatMap(([, text]) => (JSON.parse(text) as { by?: object }).by ?? []);
    expect(machines).toEqual(machines.map(() => expect.objectContaining(by) as object));
  });

  test("comes back with it", async () => {
    for (const name of ["begin", "freeze", "attest", "recordPromotion", "recordExec", "takeLease"] as const)
      await calls[name]();
    const signed = { ...by, principal };
    const { deployments } = await ledger.deploymentLog("prod");
    expect(deployments.map(({ intent }) => intent.by)).toEqual([signed]);
    expect((await ledger.frozen("staging"))?.by).toEqual(signed);
    expect((await ledger.lease("prod"))?.by).toEqual(signed);
    const { smokes } = await ledger.revisionRecords("prod", revision);
    expect(smokes.get(bundle)?.map((one) => one.by)).toEqual([signed]);
    expect((await ledger.promotionsTo("prod")).map((one) => one.by)).toEqual([signed]);
    expect((await ledger.execs("prod")).map((one) => one.by)).toEqual([signed]);
  });

  test("says nothing of it where AWS has no name for somebody", async () => {
    ledger = signedLedger(bare, () => Promise.resolve(undefined));
    await calls.begin();
    await calls.recordPromotion();
    expect(records().filter(([, text]) => text.includes("principal"))).toEqual([]);
  });
});

test("records that do not have it stay readable, and promotions that had it elsewhere say it as others do", async () => {
  await bare.begin("prod", 1, draft({ by }));
  ssm.parameters.store.set(
    `/threads/prod/promotions/${bundle.slice("sha256:".length)}`,
    JSON.stringify({ ...promotion, principal }),
  );
  expect((await ledger.deploymentLog("prod")).deployments.map(({ intent }) => intent.by)).toEqual([by]);
  expect((await ledger.promotionsTo("prod")).map((one) => one.by)).toEqual([{ ...by, principal }]);
});

test("somebody else who calls themselves the same is not who froze an environment", async () => {
  expect(await ledger.freeze("prod", freeze)).toMatchObject({ outcome: "created" });
  expect(await ledger.freeze("prod", freeze)).toMatchObject({ outcome: "present" });
  const others = signedLedger(bare, () => Promise.resolve("user/eve"));
  await expect(others.freeze("prod", freeze)).rejects.toMatchObject({ code: "ALREADY_FROZEN" });
});
