import { describe, expect, test } from "vitest";
import type { Digest } from "../../../src/lib/image/digest.ts";
import { digestOf } from "../../../src/lib/image/digest.ts";
import { holdOf, holdText, liftFlag } from "../../../src/lib/ledger/hold.ts";
import type { Deployment, DeploymentResult, HostOutcome, Intent } from "../../../src/lib/ledger/ledger.ts";

interface Made extends Partial<Pick<Intent, "kind" | "rollbackOf" | "liftsHold" | "reason">> {
  /** open: it has not written its end. */
  readonly result?: DeploymentResult | "open";
  /** What it left its hosts in. */
  readonly hosts?: readonly HostOutcome["state"][];
}

type Entry = readonly [word: string, made?: Made];

/** A ledger from its oldest deployment on: the release of each as a word. */
function ledger(...all: readonly Entry[]): readonly Deployment[] {
  const made = all.map(([word, how = {}], index): Deployment => {
    const { result = "succeeded", hosts: states = [], ...change }: Made = how;
    const number = index + 1;
    const startedAt = `2026-11-22T10:0${index}:00.000Z`;
    const intent: Intent = {
      schema: 1,
      number,
      kind: "deploy",
      revision: word.repeat(40).slice(0, 40),
      tree: "",
      bundle: { repository: "threads/bundle", digest: digestOf(word) },
      images: {},
      hosts: ["i-1"],
      by: { user: "ada", host: "laptop" },
      startedAt,
      deadline: startedAt,
      nonce: "n",
      ...change,
    };
    if (result === "open") return { intent, outcome: undefined };
    const hosts = states.map((state, n): HostOutcome => ({ id: `i-${n}`, state }));
    return { intent, outcome: { schema: 1, number, nonce: "n", result, hosts, finishedAt: startedAt } };
  });
  return made.toReversed();
}

const back = (rollbackOf: number): Made => ({ kind: "rollback", rollbackOf });
const held = (...all: readonly Entry[]): number | undefined => holdOf(ledger(...all))?.rollback.number;

describe("an environment is held", () => {
  test("by a rollback that succeeded, and by no deployment", () => {
    expect(held()).toBeUndefined();
    expect(held(["a"], ["b"])).toBeUndefined();
    expect(held(["a"], ["b"], ["a", back(2)])).toBe(3);
  });

  test.each([
    ["partial", ["new", "unknown"]],
    ["partial", ["old", "both"]],
    ["interrupted", ["new", "untouched"]],
    ["open", []],
  ] as const)("by one that may have changed a host: %s, %j", (result, hosts) => {
    expect(held(["a"], ["b"], ["a", { ...back(2), result, hosts }])).toBe(3);
  });

  test.each([
    ["failed", ["untouched", "untouched"]],
    ["rolled-back", ["old", "untouched"]],
    ["interrupted", ["untouched"]],
  ] as const)("by none that changed nothing, or was taken back: %s, %j", (result, hosts) => {
    expect(held(["a"], ["b"], ["a", { ...back(2), result, hosts }])).toBeUndefined();
    expect(held(["a"], ["b"], ["c"], ["b", back(3)], ["a", { ...back(4), result, hosts }])).toBe(4);
  });

  test("half-way until another deployment has succeeded, or the same with its number", () => {
    const half: Made = { ...back(2), result: "partial", hosts: ["new", "unknown"] };
    expect(held(["a"], ["b"], ["a", half], ["c", { result: "partial", hosts: ["new", "old"] }])).toBe(3);
    expect(held(["a"], ["b"], ["a", half], ["b", { liftsHold: 3 }])).toBeUndefined();
    expect(held(["a"], ["b"], ["a", half], ["a"])).toBe(3);
    expect(held(["a"], ["b"], ["a", half], ["a", { liftsHold: 3 }])).toBeUndefined();
    expect(held(["a"], ["b"], ["a", half], ["a", back(2)])).toBe(4);
  });

  test("by no deployment that ended half-way", () => {
    expect(held(["a"], ["b", { result: "partial", hosts: ["new"] }], ["c", { result: "open" }])).toBeUndefined();
  });

  test("whatever failed since, and by the newest rollback alone", () => {
    expect(held(["a"], ["b"], ["c"], ["b", back(3)], ["a", back(4)])).toBe(5);
    expect(held(["a"], ["b"], ["a", back(2)], ["c", { liftsHold: 3, result: "rolled-back" }])).toBe(3);
  });

  test("until a deployment of another release has succeeded, or one of the same lifts it by its number", () => {
    expect(held(["a"], ["b"], ["a", back(2)], ["b"])).toBeUndefined();
    expect(held(["a"], ["b"], ["a", back(2)], ["a"])).toBe(3);
    expect(held(["a"], ["b"], ["a", back(2)], ["a", { liftsHold: 3 }], ["a"])).toBeUndefined();
    expect(held(["a"], ["b"], ["a", back(2)], ["a", { liftsHold: 3 }], ["a", back(5)])).toBe(5);
  });
});

test("says who rolled back, when, from which release to which, and why", () => {
  const [one, two] = ["a".repeat(12), "b".repeat(12)];
  const hold = holdOf(ledger(["a"], ["b"], ["a", { ...back(2), reason: "orders are lost" }]));
  expect(holdText("prod", hold!)).toBe(
    `prod is held: ada on laptop rolled it back from ${two} to ${one} (deployment 3, 22 Nov 2026 10:02 UTC): orders are lost`,
  );
  const half = holdOf(ledger(["a"], ["b"], ["a", { ...back(2), result: "open" }]));
  expect(holdText("prod", half!)).toBe(
    `prod is held: ada on laptop began to roll it back from ${two} to ${one} (deployment 3, 22 Nov 2026 10:02 UTC), which has not come to every host`,
  );
  const lost = holdOf(ledger(["a"], ["b"], ["a", back(2)]).filter(({ intent }) => intent.number !== 2));
  expect(holdText("prod", lost!)).toContain(`rolled it back to ${one} (deployment 3, `);
});

test("is passed by its number, and not asked of the release on which it holds", () => {
  const hold = holdOf(ledger(["a"], ["b"], ["a", back(2)]));
  const bundle = (word: string): Digest => digestOf(word);
  expect(liftFlag(hold, bundle("b"))).toBe(" --lift-hold 3");
  expect(liftFlag(hold, bundle("a"))).toBe("");
  expect(liftFlag(undefined, bundle("b"))).toBe("");
});
