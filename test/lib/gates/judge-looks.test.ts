import { describe, expect, test } from "vitest";
import type { GateFacts } from "../../../src/lib/gates/gate-facts.ts";
import { judgeGates } from "../../../src/lib/gates/judge.ts";
import type { GateName } from "../../../src/lib/gates/names.ts";
import type { Gate } from "../../../src/lib/gates/result.ts";
import { parseBudget } from "../../../src/lib/config/budget.ts";
import type { Evidence } from "../../../src/lib/ledger/evidence.ts";
import { evidence, facts, one, two } from "./facts.ts";

const judged = (name: GateName, given: GateFacts): Gate => {
  const gate = judgeGates(given, new Map()).find((one) => one.gate === name);
  if (gate === undefined) throw new Error(`no gate ${name}`);
  return gate;
};
const { revision } = one.release;
const ofTwo = Object.fromEntries(Object.entries(two.release.images).map(([name, { digest }]) => [name, digest]));

describe("verify", () => {
  const seen = (change: Partial<Evidence> = {}): Evidence =>
    evidence({ kind: "verify", environment: "staging", moreChecks: 0, ...change });
  const by = (...looks: Evidence[]): Gate => judged("verify", facts({ verify: "staging" }, { looks }));

  test("passes where every host has answered every check with these digests", () => {
    expect(by(seen())).toMatchObject({
      state: "passed",
      says: "1 check passed in staging, 22 Nov 2026 11:00 UTC by ada on laptop",
      next: [],
    });
  });

  test("is missing where nobody has looked there, be it that somebody has elsewhere, or put it under load", () => {
    const never = {
      state: "missing",
      says: "these digests were never verified in staging",
      next: ["threads verify -e staging", `threads deploy -e staging ${revision}`],
    };
    expect(by()).toMatchObject(never);
    expect(by(seen({ environment: "qa" }), seen({ kind: "stress" }))).toMatchObject(never);
  });

  test.each([
    [{ images: ofTwo }, "was of other digests"],
    [{ checks: [] }, "shows no check"],
    [{ checks: [{ path: "/", status: 500, ok: false, ms: 0 }] }, "did not pass: /"],
    [{ checks: [{ path: "/other", status: 200, ok: true, ms: 0 }] }, "does not show /"],
  ] as const)("does not pass by a record that %j", (change, flaw) => {
    expect(by(seen(change))).toMatchObject({
      state: "missing",
      says: `the verification of staging on record (22 Nov 2026 11:00 UTC) ${flaw}`,
    });
    expect(by(seen(change), seen()).state).toBe("passed");
  });

  test("asks for checks that hosts are asked for, and no others", () => {
    const given = facts({ verify: "staging" }, { looks: [seen()], smokeChecks: [{ path: "/smoked", status: 200 }] });
    expect(judged("verify", given).state).toBe("passed");
  });
});

test("a verification that shows no check of the policy is not waited for where this threads.yml does not have it", () => {
  const hostLacks = [{ path: "/readyz", status: 200 }];
  const given = facts({ verify: "staging" }, { looks: [], hostChecks: hostLacks, hostLacks });
  expect(judged("verify", given)).toMatchObject({
    state: "blocked",
    says: "no verification of staging on record shows /readyz, which the policy asks for, and which this threads.yml does not have",
    next: ["threads policy show -e prod"],
  });
});

test("a verification of many checks does not stand for one of the policy that it does not name", () => {
  const own = Array.from({ length: 20 }, (_, n) => ({ path: `/dummy/${String(n)}`, status: 200 }));
  const hostLacks = [{ path: "/readyz", status: 200 }];
  const checks = own.map((check) => ({ ...check, ok: true, ms: 1 }));
  const look = evidence({ kind: "verify", environment: "staging", checks, moreChecks: 1 });
  const given = facts({ verify: "staging" }, { looks: [look], hostChecks: [...own, ...hostLacks], hostLacks });
  expect(judged("verify", given)).toMatchObject({
    state: "blocked",
    says: expect.stringContaining("on record shows /readyz, which the policy asks for"),
  });
});

describe("stress", () => {
  const load = {
    rate: 100,
    durationMs: 60_000,
    requests: 6000,
    errors: 0,
    p50Ms: 9,
    p90Ms: 50,
    p99Ms: 180,
    maxMs: 400,
  };
  const seen = (change: Partial<Evidence> = {}): Evidence =>
    evidence({ kind: "stress", environment: "staging", moreChecks: 0, load, ...change });
  const budget = parseBudget("p99=200ms,errors=0") ?? [];
  const wanted = { environment: "staging", budget, rate: 100, durationMs: 60_000 };
  const by = (...looks: Evidence[]): Gate => judged("stress", facts({ stress: wanted }, { looks }));

  test("passes where these digests have kept the budget, under as much load as is asked for", () => {
    expect(by(seen())).toMatchObject({
      state: "passed",
      says: "6000 requests at 100 a second for 60 s, p99 180 ms, 0 errors in staging, 22 Nov 2026 11:00 UTC by ada on laptop",
    });
  });

  test("is missing where they were never under load there, and says how to do it", () => {
    const never = {
      state: "missing",
      says: "these digests were never under load in staging",
      next: [
        "threads stress -e staging --rate 100 --duration 60s --budget p99=200ms,errors=0",
        `threads deploy -e staging ${revision}`,
      ],
    };
    expect(by()).toMatchObject(never);
    expect(by(seen({ environment: "qa" }), seen({ kind: "verify" }))).toMatchObject(never);
  });

  test.each([
    [{ images: ofTwo }, "was of other digests"],
    [{ load: { ...load, p99Ms: 200.01 } }, "does not keep the budget: p99 of 200.01 ms is more than 200 ms"],
    [
      { load: { ...load, p99Ms: null, errors: 3 } },
      "does not keep the budget: p99 is not known: nothing was answered and 3 errors are more than 0",
    ],
    [{ load: { ...load, rate: 99.9 } }, "was of 99.9 requests a second, and 100 are asked for"],
    [{ load: { ...load, durationMs: 59_000 } }, "lasted 59 s, and 60 s are asked for"],
  ] as const)("does not pass by a record whose %j", (change, flaw) => {
    expect(by(seen(change))).toMatchObject({
      state: "missing",
      says: `the load of staging on record (22 Nov 2026 11:00 UTC) ${flaw}`,
    });
    // One that was well is not undone by a look that was not.
    expect(by(seen(change), seen()).state).toBe("passed");
  });

  test("does not pass by a record that does not tell what was measured", () => {
    const { load: _, ...silent } = seen();
    expect(by(silent)).toMatchObject({
      state: "missing",
      says: expect.stringContaining("does not tell what was measured"),
    });
  });

  test("asks for no rate and no time where threads.yml does not", () => {
    const given = facts(
      { stress: { environment: "staging", budget } },
      { looks: [seen({ load: { ...load, rate: 1, durationMs: 1000 } })] },
    );
    expect(judged("stress", given).state).toBe("passed");
  });
});
