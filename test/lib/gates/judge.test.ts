import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { GateFacts } from "../../../src/lib/gates/gate-facts.ts";
import { isShut, judgeGates, judgeUnpublished } from "../../../src/lib/gates/judge.ts";
import { type GateName, gateNames, overridable } from "../../../src/lib/gates/names.ts";
import { parseOverrides } from "../../../src/lib/gates/overrides.ts";
import type { Gate } from "../../../src/lib/gates/result.ts";
import { uncommented } from "../../fakes/config.ts";
import { parseThreadsYaml } from "../../../src/lib/config/parse.ts";
import type { Deployment } from "../../../src/lib/ledger/ledger.ts";
import { deployment, environment, evidence, facts, freeze, minute, now, one, two } from "./facts.ts";

const judged = (name: GateName, given: GateFacts): Gate => {
  const gate = judgeGates(given, new Map()).find((one) => one.gate === name);
  if (gate === undefined) throw new Error(`no gate ${name}`);
  return gate;
};
const { revision } = one.release;

test("every gate is listed, and none but published and freeze is asked for by itself", () => {
  expect(judgeGates(facts(), new Map()).map(({ gate, state }) => [gate, state])).toEqual(
    gateNames.map((gate) => [gate, gate === "published" || gate === "freeze" ? "passed" : "not-configured"]),
  );
});

describe("published", () => {
  test("passes when every image is there", () => {
    expect(judged("published", facts()).says).toMatch(
      /^2 images and the bundle sha256:[0-9a-f]{12} are there, as git has them$/,
    );
  });

  test("is shut when one is gone, and names it", () => {
    expect(judged("published", facts({}, { gone: ["nginx"] }))).toMatchObject({
      state: "blocked",
      says: "the registry no longer has the image of nginx",
      next: ["aws ecr get-lifecycle-policy --repository-name threads/nginx"],
      advice: ["publish a new commit"],
    });
  });

  test("of what is not published at all keeps every configured gate waiting, but a freeze is told", () => {
    const why = { message: "abc is not published", next: ["threads publish"], advice: [] };
    const { prod } = parseThreadsYaml(uncommented, "threads.yml").environments;
    const gates = judgeUnpublished(environment(prod?.gates), why, { freeze, policy: undefined });
    expect(gates.map(({ gate, state }) => [gate, state])).toEqual(
      gateNames.map((gate) => [gate, gate === "freeze" ? "blocked" : "missing"]),
    );
    expect(gates[0]).toMatchObject({ says: "abc is not published", next: ["threads publish"] });
    expect(judgeUnpublished(environment(), why, { freeze: undefined, policy: undefined }).filter(isShut)).toHaveLength(
      1,
    );
  });
});

describe("freeze", () => {
  test("says by whom, since when, why and how to lift it", () => {
    expect(judged("freeze", facts({}, { freeze }))).toMatchObject({
      state: "blocked",
      says: "prod is frozen by ada on laptop since 22 Nov 2026 11:00 UTC: black friday",
      next: ["threads freeze -e prod --lift"],
    });
  });
});

describe("branch", () => {
  const on = (has: "commit" | "tree" | "nothing" | "unknown", ref: string | undefined = "origin/prod"): Gate =>
    judged("branch", facts({ branch: "prod" }, { branch: { has, ref } }));

  test.each([
    ["commit", "passed", "origin/prod has"],
    ["tree", "passed", "has a commit with the same tree as"],
    ["nothing", "blocked", "origin/prod does not have"],
    ["unknown", "missing", "does not know enough of"],
  ] as const)("that has %s is %s", (has, state, says) => {
    expect(on(has)).toMatchObject({ state, says: expect.stringContaining(says) });
    expect(on(has).next.length > 0).toBe(state !== "passed");
  });

  test("that this clone does not have is to be fetched", () => {
    const gate = judged("branch", facts({ branch: "prod" }, { branch: { has: "unknown", ref: undefined } }));
    expect(gate).toMatchObject({ state: "missing", next: ["git fetch origin prod"] });
  });
});

describe("verified", () => {
  const by = (...newestFirst: Deployment[]): Gate =>
    judged("verified", facts({ verified: "staging" }, { deployments: newestFirst }));

  test("by a deployment that succeeded, and still runs", () => {
    expect(by(deployment(one, 3, { ago: 10 * minute }))).toMatchObject({
      state: "passed",
      says: "staging runs these digests (deployment 3 by ada on laptop, 22 Nov 2026 11:50 UTC)",
    });
  });

  test("by one that another release followed", () => {
    expect(by(deployment(two, 4), deployment(one, 3, { ago: 10 * minute }))).toMatchObject({
      state: "passed",
      says: expect.stringContaining("staging ran these digests (deployment 3"),
    });
  });

  test("by another bundle of the same images", () => {
    const bundle = { repository: "threads/bundle", digest: two.digest };
    expect(by(deployment(one, 1, { intent: { bundle } })).state).toBe("passed");
  });

  test("by a rollback to it", () => {
    const back = deployment(one, 3, { intent: { kind: "rollback", rollbackOf: 2 } });
    expect(by(back, deployment(two, 2), deployment(one, 1)).state).toBe("passed");
  });

  test("not by a deployment of something else", () => {
    expect(by(deployment(two, 1))).toMatchObject({
      state: "missing",
      says: "these digests were never deployed to staging",
      next: [`threads deploy -e staging ${revision}`],
    });
  });

  test.each([
    ["failed", "failed"],
    ["rolled-back", "rolled-back"],
    ["interrupted", "was interrupted"],
    ["partial", "left hosts that differ"],
    [undefined, "has not ended"],
  ] as const)("not by one that ended %s", (result, words) => {
    expect(by(deployment(one, 1, { result }))).toMatchObject({
      state: "missing",
      says: `deployment 1 of these digests to staging ${words}`,
    });
  });

  test("not where staging was rolled back from it, until it is deployed again", () => {
    const back = deployment(two, 3, { intent: { kind: "rollback", rollbackOf: 2, by: { user: "bob", host: "desk" } } });
    const before = [back, deployment(one, 2, { ago: minute }), deployment(two, 1, { ago: 2 * minute })];
    expect(by(...before)).toMatchObject({
      state: "blocked",
      says: expect.stringMatching(
        /^staging was rolled back from it by bob on desk, .* \(deployment 2 by ada on laptop/,
      ),
      next: [`threads deploy -e staging ${revision} --lift-hold 3`, "threads history -e staging"],
    });
    expect(by(deployment(one, 4), ...before).state).toBe("passed");
  });
});

describe("soak", () => {
  const soak = (soakMs: number, ...newestFirst: Deployment[]): Gate =>
    judged("soak", facts({ verified: "staging", soakMs }, { deployments: newestFirst }));

  test("counts by the server's clock from the end of the deployment, to the millisecond", () => {
    expect(soak(10 * minute, deployment(one, 1, { ago: 10 * minute }))).toMatchObject({
      state: "passed",
      says: "these digests have run in staging for 10 min (10 min are asked for)",
    });
    expect(soak(10 * minute, deployment(one, 1, { ago: 10 * minute - 1 }))).toMatchObject({ state: "missing" });
  });

  test("says how long is left and from when on it passes", () => {
    expect(soak(60 * minute, deployment(one, 1, { ago: 15 * minute }))).toMatchObject({
      state: "missing",
      says: "these digests have run in staging for 15 min of 60 min: 45 min to go",
      next: [`threads gates ${revision} -e prod`],
      advice: ["wait until 22 Nov 2026 12:45 UTC"],
    });
  });

  test("ends when another release comes, and the longest stay counts", () => {
    const long = [deployment(two, 2, { ago: minute }), deployment(one, 1, { ago: 100 * minute })];
    expect(soak(60 * minute, ...long).state).toBe("passed");
    const short = [deployment(two, 2, { ago: 90 * minute }), deployment(one, 1, { ago: 100 * minute })];
    expect(soak(60 * minute, ...short)).toMatchObject({
      state: "missing",
      says: "these digests ran in staging for 10 min of 60 min, and do not run there now",
      next: [`threads deploy -e staging ${revision}`],
    });
  });

  test.each([
    ["failed", true],
    ["rolled-back", true],
    ["partial", false],
    ["interrupted", false],
    [undefined, false],
  ] as const)("another deployment that ended %s leaves it running: %s", (result, running) => {
    const attempt = deployment(two, 2, { ago: 20 * minute, result });
    const gate = soak(60 * minute, attempt, deployment(one, 1, { ago: 90 * minute }));
    expect(gate.state).toBe("passed");
    const young = soak(80 * minute, attempt, deployment(one, 1, { ago: 90 * minute }));
    expect(young.state).toBe(running ? "passed" : "missing");
  });

  test("is not interrupted by the same release once more", () => {
    const again = deployment(one, 2, { ago: minute });
    expect(soak(60 * minute, again, deployment(one, 1, { ago: 90 * minute })).state).toBe("passed");
  });

  test("of what never ran there is all of it", () => {
    expect(soak(minute)).toMatchObject({
      state: "missing",
      says: expect.stringContaining("have never run in staging"),
    });
  });
});

describe("overrides", () => {
  test("open a gate that is shut, keep what it said, and leave one that passed alone", () => {
    const given = facts({ smoke: true, verified: "staging" }, { deployments: [], smokes: [evidence()] });
    const gates = judgeGates(given, parseOverrides(["verified", "smoke"], "outage"));
    expect(gates.find(({ gate }) => gate === "verified")).toEqual({
      gate: "verified",
      state: "overridden",
      says: "these digests were never deployed to staging",
      next: [],
      advice: [],
      opensBy: null,
      opensAt: null,
      policy: null,
      reason: "outage",
    });
    expect(gates.find(({ gate }) => gate === "smoke")).toMatchObject({ state: "passed", reason: null });
  });

  test.each([
    [["published"], "r", "OVERRIDE_IMPOSSIBLE"],
    [["soack"], "r", "UNKNOWN_GATE"],
    [["soak"], undefined, "NO_REASON"],
    [["soak"], "  ", "NO_REASON"],
    [["soak"], "x".repeat(401), "REASON_TOO_LONG"],
  ])("%s for the reason %s is %s", (names, reason, code) => {
    expect(() => parseOverrides(names, reason)).toThrow(expect.objectContaining({ code, exitCode: 2 }));
  });
});

test("whatever the facts: a gate that passes needs nothing, one that is shut says what opens it", () => {
  const result = fc.constantFrom("succeeded", "failed", "rolled-back", "partial", "interrupted", undefined);
  const past = fc.array(fc.record({ mine: fc.boolean(), result, back: fc.boolean(), ago: fc.nat(1_000_000) }));
  const names = fc.subarray(overridable);
  fc.assert(
    fc.property(past, fc.nat(2_000_000), names, fc.boolean(), (deployments, soakMs, overridden, isFrozen) => {
      const ordered = deployments
        .toSorted((a, b) => a.ago - b.ago)
        .map(({ mine, result, back, ago }, index, all) => {
          const number = all.length - index;
          const intent = back ? ({ kind: "rollback", rollbackOf: number - 1 } as const) : {};
          return deployment(mine ? one : two, number, { result, ago, intent });
        });
      const change = { deployments: ordered, ...(isFrozen ? { freeze } : {}) };
      const given = facts({ verified: "staging", soakMs, smoke: true }, change);
      const gates = judgeGates(given, overridden.length > 0 ? parseOverrides(overridden, "because") : new Map());
      expect(gates.map(({ gate }) => gate)).toEqual(gateNames);
      for (const gate of gates) {
        expect(gate.next.length > 0).toBe(isShut(gate));
        expect(gate.reason !== null).toBe(gate.state === "overridden");
        expect(isShut(gate) && overridden.some((name) => name === gate.gate)).toBe(false);
      }
      // Time spent there is time verified, unless it was taken back.
      const state = (name: GateName) => judgeGates(given, new Map()).find(({ gate }) => gate === name)?.state;
      expect(soakMs > 0 && state("soak") === "passed" && state("verified") === "missing").toBe(false);
      expect(judgeGates(given, new Map())).toEqual(judgeGates({ ...given, now }, new Map()));
    }),
  );
});
