import { describe, expect, test } from "vitest";
import type { GateFacts } from "../../../src/lib/gates/gate-facts.ts";
import { judgeGates } from "../../../src/lib/gates/judge.ts";
import type { Gate } from "../../../src/lib/gates/result.ts";
import type { AskedCheck } from "../../../src/lib/gates/judge-smoke.ts";
import { marksOf } from "../../../src/lib/ledger/check-marks.ts";
import type { EvidenceCheck } from "../../../src/lib/ledger/evidence.ts";
import { evidence, facts, one, two } from "./facts.ts";

const judged = (given: GateFacts): Gate | undefined =>
  judgeGates(given, new Map()).find(({ gate }) => gate === "smoke");
const { revision } = one.release;

describe("smoke", () => {
  test("passes on evidence of these very digests", () => {
    expect(judged(facts({ smoke: true }, { smokes: [evidence()] }))).toMatchObject({
      state: "passed",
      says: "3 checks passed on these digests, 22 Nov 2026 11:00 UTC by ada on laptop",
    });
  });

  test("does not pass on evidence of other digests, or of fewer", () => {
    for (const images of [{ ...evidence().images, nginx: two.digest }, {}])
      expect(judged(facts({ smoke: true }, { smokes: [evidence({ images })] }))).toMatchObject({
        state: "missing",
        says: expect.stringContaining("was of other digests"),
      });
  });

  const [asked] = evidence().checks;
  const asks = ["/", "/readyz"].map((path) => ({ path, status: 200 }));
  const shown = (path: string, change: Partial<EvidenceCheck> = {}): EvidenceCheck => ({ ...asked!, path, ...change });
  test.each([
    ["shows no check", { checks: [], moreChecks: 0 }],
    ["shows no check", { checks: [], moreChecks: 99 }],
    ["did not pass: /readyz", { checks: [shown("/"), shown("/readyz", { ok: false })] }],
    ["did not pass: /extra", { checks: [shown("/"), shown("/readyz"), shown("/extra", { ok: false })] }],
    ["does not show /readyz", { checks: [shown("/"), shown("/ping")] }],
    ["does not show / and /readyz", { checks: [shown("/ping")], moreChecks: 99 }],
    ["does not show /", { checks: [shown("/", { status: 500 }), shown("/readyz")] }],
  ] as const)("on record that %s is none", (says, change) => {
    const given = facts({ smoke: true }, { smokes: [evidence({ moreChecks: 0, ...change })], smokeChecks: asks });
    expect(judged(given)).toMatchObject({
      state: "missing",
      says: `the smoke test on record (22 Nov 2026 11:00 UTC) ${says}`,
    });
  });

  test("counts where it shows more than is asked for, or stands behind one that is worth nothing", () => {
    const checks = [shown("/ping"), shown("/readyz"), shown("/")];
    const smokes = [evidence({ checks: [] }), evidence({ checks, moreChecks: 0 })];
    expect(judged(facts({ smoke: true }, { smokes, smokeChecks: asks }))).toMatchObject({ state: "passed" });
  });

  test("of more checks than a record has room for counts, as it is written; with fewer of them it does not", () => {
    const smokeChecks = Array.from({ length: 25 }, (_, n) => ({
      path: `/${"x".repeat(90)}/${String(n)}`,
      status: 200,
    }));
    const checks = smokeChecks.slice(0, 20).map(({ path }) => shown(path.slice(0, 80)));
    const state = (moreChecks: number) =>
      judged(facts({ smoke: true }, { smokes: [evidence({ checks, moreChecks })], smokeChecks }));
    expect(state(5)).toMatchObject({ state: "passed" });
    expect(state(4)).toMatchObject({ state: "missing", says: expect.stringContaining("made 1 check fewer than") });
  });

  test("on an older record, whose long names are cut, stands for as many checks as it names", () => {
    const beginning = `/${"x".repeat(79)}`;
    const smokeChecks = ["", "/first", "/second"].map((end) => ({ path: `${beginning}${end}`, status: 200 }));
    const judge = (times: number) => {
      const checks = Array.from({ length: times }, () => shown(beginning));
      return judged(facts({ smoke: true }, { smokes: [evidence({ checks, moreChecks: 0 })], smokeChecks }));
    };
    expect(judge(3)).toMatchObject({ state: "passed" });
    expect(judge(2)).toMatchObject({
      state: "missing",
      says: expect.stringMatching(/does not show \/x+\/second$/),
    });
  });

  test("that no test of this threads.yml could pass is not missing: a check of the policy has to come back first", () => {
    const smokeLacks = [{ path: "/readyz", status: 200 }];
    const smokes = [evidence({ checks: [shown("/")], moreChecks: 0 })];
    for (const given of [{ smokes }, { smokes: [] }])
      expect(judged(facts({ smoke: true }, { ...given, smokeChecks: asks, smokeLacks }))).toMatchObject({
        state: "blocked",
        says: "no smoke test of these digests on record shows /readyz, which the policy asks for, and which this threads.yml does not have",
        next: ["threads policy show -e prod"],
        advice: [expect.any(String), 'or push a policy without them: threads policy push -e prod --reason "…"'],
      });
    const whole = [evidence({ checks: [shown("/"), shown("/readyz")], moreChecks: 0 })];
    expect(judged(facts({ smoke: true }, { smokes: whole, smokeChecks: asks, smokeLacks }))).toMatchObject({
      state: "passed",
    });
  });

  test("of many checks counts only where it names those of the policy: other ones do not stand for them", () => {
    const own = Array.from({ length: 20 }, (_, n) => ({ path: `/dummy/${String(n)}`, status: 200 }));
    const readyz = { path: `/readyz/${"x".repeat(90)}`, status: 200 };
    const judge = (asks: typeof own, checks: EvidenceCheck[], moreChecks: number) => {
      const given = { smokes: [evidence({ checks, moreChecks })], smokeChecks: [...asks, readyz] };
      return judged(facts({ smoke: true }, { ...given, smokeLacks: [readyz] }));
    };
    const dummies = own.map(({ path }) => shown(path));
    expect(judge(own, dummies, 1)).toMatchObject({
      state: "blocked",
      says: expect.stringContaining(`on record shows ${readyz.path}, which the policy asks for`),
    });
    const named = [shown(readyz.path.slice(0, 80)), ...dummies.slice(1)];
    expect(judge(own.slice(1), named, 1)).toMatchObject({ state: "passed" });
  });

  test("of more checks than it can name counts by marks of the others: as many others stand for none of them", () => {
    const smokeChecks = Array.from({ length: 30 }, (_, n) => ({ path: `/${String(n)}`, status: 200 }));
    const checks = smokeChecks.slice(0, 20).map(({ path }) => shown(path));
    const state = (others: readonly AskedCheck[], smokeLacks: readonly AskedCheck[] = []) => {
      const smokes = [evidence({ checks, moreChecks: others.length, marks: marksOf(others) })];
      return judged(facts({ smoke: true }, { smokes, smokeChecks, smokeLacks }));
    };
    const others = smokeChecks.slice(20);
    expect(state(others)).toMatchObject({ state: "passed" });
    expect(state(others, [{ path: "/25", status: 200 }])).toMatchObject({ state: "passed" });
    const another = others.map((check) => (check.path === "/25" ? { ...check, status: 204 } : check));
    expect(state(another)).toMatchObject({ state: "missing", says: expect.stringMatching(/does not show \/25$/) });
    expect(state(others.slice(1))).toMatchObject({ says: expect.stringMatching(/does not show \/20$/) });
  });

  test("of which not all others are marked shows those that are, and their number stands for the rest", () => {
    const smokeChecks = Array.from({ length: 125 }, (_, n) => ({ path: `/${String(n)}`, status: 200 }));
    const checks = smokeChecks.slice(0, 20).map(({ path }) => shown(path));
    const state = (marks?: string) => {
      const smokes = [evidence({ checks, moreChecks: 105, ...(marks === undefined ? {} : { marks }) })];
      return judged(facts({ smoke: true }, { smokes, smokeChecks }));
    };
    const others = smokeChecks.slice(20);
    expect(state()).toMatchObject({ state: "passed" });
    expect(state(marksOf(others))).toMatchObject({ state: "passed" });
    const another = others.map((check) => (check.path === "/25" ? { ...check, status: 204 } : check));
    expect(state(marksOf(another))).toMatchObject({ says: expect.stringMatching(/does not show \/25$/) });
  });

  test("that was never run is run by promote", () => {
    expect(judged(facts({ smoke: true }))).toMatchObject({
      next: [`threads promote ${revision} -e prod`],
      advice: ["the promotion runs the smoke test first"],
    });
  });
});
