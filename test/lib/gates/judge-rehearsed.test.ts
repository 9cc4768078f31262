import { expect, test } from "vitest";
import { parseBudget } from "../../../src/lib/config/budget.ts";
import type { GateFacts } from "../../../src/lib/gates/gate-facts.ts";
import { judgeGates } from "../../../src/lib/gates/judge.ts";
import type { Gate } from "../../../src/lib/gates/result.ts";
import type { Evidence } from "../../../src/lib/ledger/evidence.ts";
import { deployment, evidence, facts, one, releaseOf, two } from "./facts.ts";

const { revision } = one.release;
const load = { rate: 20, durationMs: 60_000, requests: 1200, errors: 0, p50Ms: 9, p90Ms: 50, p99Ms: 180, maxMs: 400 };
const rehearsal = { over: two.digest, lockMs: 400 };
const seen = (change: Partial<Evidence> = {}): Evidence =>
  evidence({ kind: "rehearse", environment: "prod", moreChecks: 0, load, rehearsal, ...change });
const wanted = { budget: parseBudget("errors=0") ?? [], lockMs: 1_000 };
const runsTwo = deployment(two, 7).intent;
const by = (looks: readonly Evidence[], change: Partial<GateFacts> = {}): Gate | undefined =>
  judgeGates(facts({ rehearsed: wanted }, { looks, current: runsTwo, ...change }), new Map()).find(
    ({ gate }) => gate === "rehearsed",
  );

test("passes where the deployment over what runs now was rehearsed", () => {
  expect(by([seen()])).toMatchObject({
    state: "passed",
    says: `1200 requests, 0 errors, no lock for more than 0.4 s, over ${two.release.revision.slice(0, 12)}, 22 Nov 2026 11:00 UTC by ada on laptop`,
    next: [],
  });
});

test("passes, and says so, where a sandbox has no database that tells of locks", () => {
  const says = expect.stringContaining("locks were not seen");
  const unseen = seen({ rehearsal: { ...rehearsal, lockMs: null } });
  expect(by([unseen], { locksAreSeen: false })).toMatchObject({ state: "passed", says });
});

test("is missing where there was no rehearsal, be it that there was one of another environment, or a load", () => {
  const never = {
    state: "missing",
    says: "the deployment of these digests to prod was never rehearsed",
    next: [`threads rehearse ${revision} -e prod`],
  };
  expect(by([])).toMatchObject(never);
  expect(by([seen({ environment: "staging" }), seen({ kind: "stress" })])).toMatchObject(never);
});

const ofTwo = Object.fromEntries(Object.entries(two.release.images).map(([name, { digest }]) => [name, digest]));
const { rehearsal: _, ...withoutRehearsal } = seen();
const { load: __, ...withoutLoad } = seen();

test.each([
  [seen({ images: ofTwo }), "was of other digests"],
  [
    seen({ rehearsal: { ...rehearsal, over: releaseOf("three").digest } }),
    `was over another release than ${two.release.revision.slice(0, 12)}`,
  ],
  [withoutRehearsal, "does not tell over which release it was"],
  [seen({ rehearsal: { ...rehearsal, lockMs: null } }), "does not tell how long locks were held"],
  [withoutLoad, "does not tell what was measured"],
  [seen({ rehearsal: { ...rehearsal, lockMs: 1_001 } }), "has a lock that was held for 1.0 s, and 1.0 s are allowed"],
  [seen({ load: { ...load, errors: 1 } }), "does not keep the budget: 1 error is more than 0"],
])("does not pass by a record that is flawed: %#", (flawed, flaw) => {
  expect(by([flawed])).toMatchObject({
    state: "missing",
    says: `the rehearsal on record (22 Nov 2026 11:00 UTC) ${flaw}`,
    next: [`threads rehearse ${revision} -e prod`],
  });
  // One that was well is not undone by one that was not.
  expect(by([flawed, seen()])?.state).toBe("passed");
});

test("is open where there is nothing that a deployment could disturb", () => {
  expect(by([], { current: null })).toMatchObject({
    state: "passed",
    says: expect.stringContaining("runs nothing yet"),
  });
  expect(by([], { current: deployment(one, 8).intent })).toMatchObject({
    state: "passed",
    says: "prod runs these digests (deployment 8)",
  });
});
