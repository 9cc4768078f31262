import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { pushPolicy, type PushPorts } from "../../../../src/lib/actions/policy/push.ts";
import { showPolicy } from "../../../../src/lib/actions/policy/show.ts";
import { withNamedChecks } from "../../../../src/lib/config/checks-for.ts";
import type { Config } from "../../../../src/lib/config/config.ts";
import type { WrittenGates } from "../../../../src/lib/config/gates-words.ts";
import type { Ledger } from "../../../../src/lib/ledger/ledger.ts";
import { plainPaint } from "../../../../src/lib/output/paint.ts";
import { renderPolicyPush, renderPolicyShow } from "../../../../src/lib/output/render/policy.ts";
import { aConfig } from "../../../fakes/config.ts";
import { hurriedClock } from "../../../fakes/hurried-clock.ts";
import type { FakeSsm } from "../../../fakes/ssm.ts";
import { openLedger } from "../../ledger/open-ledger.ts";

let ssm: FakeSsm;
let ledger: Ledger;
let warnings: string[];
beforeEach(async () => {
  ({ ssm, ledger } = await openLedger());
  warnings = [];
});
afterEach(() => ssm.close());

const hosts = { tag: "threads-env=prod" };
const configOf = (gates: WrittenGates | undefined): Pick<Config, "environments"> =>
  aConfig({
    environments: {
      staging: { hosts: { tag: "threads-env=staging" } },
      prod: { hosts, ...(gates !== undefined && { gates }) },
    },
  });
const portsOf = (gates: WrittenGates | undefined, arn = "arn:aws:iam::123456789012:user/ada"): PushPorts => ({
  config: configOf(gates),
  ledger,
  checkAccount: () => Promise.resolve({ arn }),
  author: { user: "ci", host: "runner" },
  progress: { warn: (text) => void warnings.push(text) },
  clock: hurriedClock(),
});
const push = (gates: WrittenGates | undefined, how: { reason?: string; dryRun?: boolean; arn?: string } = {}) =>
  pushPolicy({ environment: "prod", reason: how.reason, dryRun: how.dryRun ?? false }, portsOf(gates, how.arn));
const show = (gates: WrittenGates | undefined) => showPolicy({ environment: "prod" }, portsOf(gates) as never);
const two: WrittenGates = { smoke: true, approvals: { count: 2 } };
const one: WrittenGates = { smoke: true, approvals: { count: 1 } };
const writes = (): number => ssm.calls.filter((call) => call === "PutParameter").length;

describe("threads policy push", () => {
  test("writes the gates of threads.yml, in the name that AWS gives; what CI says of itself stands beside it", async () => {
    const result = await push(two);
    expect(result).toMatchObject({
      outcome: "pushed",
      principal: "user/ada",
      number: 1,
      reason: null,
      changes: [
        { gate: "approvals", before: null, after: "2 approvals", is: "stricter" },
        { gate: "smoke", before: null, after: "asked for", is: "stricter" },
      ],
      next: ["threads policy show -e prod"],
    });
    expect(JSON.parse(ssm.parameters.store.get("/threads/prod/policy") ?? "")).toMatchObject({
      schema: 1,
      environment: "prod",
      gates: { smoke: true, soak: 0, approvals: { count: 2, not_author: true } },
      principal: "user/ada",
      by: { user: "ci", host: "runner" },
    });
    expect(renderPolicyPush(result, plainPaint)).toEqual([
      "✔ user/ada has pushed the gates of prod (number 1): no branch can ask for less",
      "  approvals  stricter  not asked for → 2 approvals",
      "  smoke      stricter  not asked for → asked for",
      "  next: threads policy show -e prod",
    ]);
  });

  test("keeps the checks by which evidence is measured: fewer of them are less", async () => {
    const pushed = (paths: readonly string[], reason?: string) => {
      const checks = paths.map((path) => ({ path }));
      const gates = { smoke: true, verify: "staging" };
      const environments = { staging: { hosts: { tag: "threads-env=staging" } }, prod: { hosts, gates } };
      const config = withNamedChecks(aConfig({ checks, environments })) as Config;
      return pushPolicy({ environment: "prod", reason, dryRun: false }, { ...portsOf(two), config });
    };
    expect(await pushed(["/", "/readyz"])).toMatchObject({
      changes: [
        { gate: "verify", after: "staging (/ and /readyz)", is: "stricter" },
        { gate: "smoke", after: "/ and /readyz", is: "stricter" },
      ],
    });
    const named = ["/", "/readyz"].map((path) => ({ path, status: 200 }));
    expect(JSON.parse(ssm.parameters.store.get("/threads/prod/policy") ?? "")).toMatchObject({
      gates: { smoke_checks: named, verify_checks: named },
    });
    expect((await ledger.policy("prod"))?.gates).toMatchObject({ smokeChecks: named, verifyChecks: named });
    expect(await pushed(["/readyz", "/"])).toMatchObject({ outcome: "unchanged" });
    await expect(pushed(["/"])).rejects.toMatchObject({
      code: "NO_REASON",
      message: expect.stringContaining("verify and smoke"),
    });
    expect(await pushed(["/"], "it is gone")).toMatchObject({
      outcome: "pushed",
      changes: [{ is: "looser" }, { is: "looser" }],
    });
    expect(await pushed(["/", "/new"])).toMatchObject({ changes: [{ is: "stricter" }, { is: "stricter" }] });
  });

  test("of the very same writes nothing", async () => {
    await push(two);
    expect(await push(two)).toMatchObject({ outcome: "unchanged", changes: [], number: 1 });
    expect(writes()).toBe(1);
  });

  test("asks for more without a word, and for less with a reason only", async () => {
    await push(one);
    expect(await push(two)).toMatchObject({ outcome: "pushed", number: 2, changes: [{ is: "stricter" }] });
    await expect(push(one)).rejects.toMatchObject({
      code: "NO_REASON",
      message: "this asks for less than the policy of prod that stands (approvals): that needs a reason",
    });
    await expect(push(one, { dryRun: true })).rejects.toMatchObject({ code: "NO_REASON" });
    await expect(push(one, { reason: "  " })).rejects.toMatchObject({ code: "NO_REASON" });
    expect(await push(one, { reason: "bob is away" })).toMatchObject({
      outcome: "pushed",
      reason: "bob is away",
      changes: [{ gate: "approvals", before: "2 approvals", after: "1 approval", is: "looser" }],
    });
    expect(await ledger.policy("prod")).toMatchObject({ reason: "bob is away", number: 3 });
  });

  test("of an environment without gates takes all of them away, which is less", async () => {
    await push(one);
    await expect(push(undefined)).rejects.toMatchObject({ code: "NO_REASON" });
    expect(await push(undefined, { reason: "prod is no more" })).toMatchObject({ outcome: "pushed" });
    expect(await ledger.policy("prod")).toMatchObject({ gates: null });
    expect(await push(undefined)).toMatchObject({ outcome: "unchanged" });
  });

  test("of gates that ask for nothing still wants promotions, which is more than none", async () => {
    expect(await push(undefined)).toMatchObject({ outcome: "unchanged" });
    expect(await push({ smoke: false })).toMatchObject({ outcome: "pushed", changes: [] });
    expect(await push({ smoke: false })).toMatchObject({ outcome: "unchanged" });
    await expect(push(undefined)).rejects.toMatchObject({ code: "NO_REASON" });
  });

  test("with --dry-run says the same, and writes nothing", async () => {
    const result = await push(two, { dryRun: true });
    expect(result).toMatchObject({ outcome: "planned", number: null, next: ["threads policy push -e prod"] });
    expect(writes()).toBe(0);
  });

  test("puts something readable in the place of what nobody can read, with a reason", async () => {
    ssm.parameters.store.set("/threads/prod/policy", "gone");
    await expect(push(two)).rejects.toMatchObject({
      code: "NO_REASON",
      message: expect.stringContaining("what stands for prod cannot be read"),
    });
    expect(await push(two, { reason: "somebody wrote by hand" })).toMatchObject({ outcome: "pushed" });
    expect(await ledger.policy("prod")).toMatchObject({ principal: "user/ada" });
  });

  test("leaves what a newer threads wrote", async () => {
    ssm.parameters.store.set("/threads/prod/policy", JSON.stringify({ schema: 2, version: "9.0.0" }));
    await expect(push(two, { reason: "whatever" })).rejects.toMatchObject({ code: "LEDGER_UNREADABLE" });
    expect(writes()).toBe(0);
  });

  test("tells where another came between", async () => {
    await push(one);
    const racing = portsOf(two);
    const late = {
      ...racing.ledger,
      pushPolicy: async (draft: Parameters<Ledger["pushPolicy"]>[0]) => {
        await ledger.pushPolicy({ ...draft, principal: "user/bob" });
        return ledger.pushPolicy(draft);
      },
    };
    await pushPolicy({ environment: "prod", reason: undefined, dryRun: false }, { ...racing, ledger: late });
    expect(warnings).toEqual([expect.stringMatching(/written by somebody else meanwhile/)]);
  });

  test("of an environment that there is not offers those that there are", async () => {
    await expect(pushPolicy({ environment: "prd", reason: "x y", dryRun: false }, portsOf(one))).rejects.toMatchObject({
      code: "UNKNOWN_ENVIRONMENT",
      next: expect.arrayContaining(["threads policy push -e prod --reason 'x y'"]),
    });
  });
});

describe("threads policy show", () => {
  test("of what is not pushed says so, and what to type", async () => {
    const result = await show(two);
    expect(result).toMatchObject({ outcome: "none", policy: null, next: ["threads policy push -e prod --dry-run"] });
    expect(renderPolicyShow(result, plainPaint)[0]).toBe(
      "No policy is pushed for prod: what threads.yml asks for, any branch can change",
    );
    expect(await show(undefined)).toMatchObject({ outcome: "none", gates: [], next: [] });
  });

  test("tells what stands, by whom, since when, and what of this branch differs", async () => {
    ssm.now = () => Date.parse("2026-11-22T10:00:00Z");
    await push({ ...two, maturity: 60 });
    const result = await show({ ...one, branch: "main", maturity: 60 });
    expect(result).toMatchObject({
      outcome: "shown",
      policy: {
        by: { user: "ci", host: "runner", runUrl: null, principal: null },
        pushedAt: "2026-11-22T10:00:00.000Z",
        number: 1,
      },
    });
    expect(renderPolicyShow(result, plainPaint)).toEqual([
      expect.stringMatching(
        /^Policy of prod, pushed 22 Nov 2026 10:00 UTC by .* \(number 1\); they call themselves ci on runner$/,
      ),
      "  branch     not asked for  threads.yml: main",
      "  approvals  2 approvals    threads.yml: 1 approval",
      "  maturity   60 s           threads.yml too",
      "  smoke      asked for      threads.yml too",
      "  next: threads policy push -e prod --dry-run",
    ]);
    expect((await show({ ...two, maturity: 60 })).next).toEqual([]);
  });
});
