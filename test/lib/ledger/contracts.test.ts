import * as fc from "fast-check";
import { expect, test } from "vitest";
import { contractsOnTop, contractsSince } from "../../../src/lib/ledger/contracts.ts";
import type { ContractChange, Deployment, DeploymentResult } from "../../../src/lib/ledger/ledger.ts";

const step = (number: number, contracts?: ContractChange, result: DeploymentResult = "succeeded"): Deployment => ({
  intent: {
    schema: 1,
    number,
    kind: "deploy",
    revision: "r",
    tree: "t",
    bundle: { repository: "b", digest: "sha256:0" },
    images: {},
    hosts: [],
    by: { user: "ada", host: "laptop" },
    startedAt: "2026-11-22T10:00:00Z",
    deadline: "2026-11-22T10:01:00Z",
    nonce: "n",
    ...(contracts && { contracts }),
  },
  outcome: { schema: 1, number, nonce: "n", result, hosts: [], finishedAt: "2026-11-22T10:00:30Z" },
});
const change = (added: string[], dropped: string[] = []): ContractChange => ({ added, dropped });
const since = (number: number, ...steps: Deployment[]) => contractsSince({ number }, steps.toReversed());

test("the steps since a deployment add up, its own is not among them", () => {
  expect(since(1, step(1, change(["a"])), step(2, change(["b"])), step(3, change(["c"])))).toEqual({
    added: ["b", "c"],
    dropped: [],
    isKnown: true,
  });
});

test("what went again has not come, and what came back is not gone", () => {
  const there = step(2, change(["b"]));
  const back = step(3, change([], ["b"]));
  expect(since(1, there, back)).toEqual({ added: [], dropped: [], isKnown: true });
  expect(since(2, there, back)).toEqual({ added: [], dropped: ["b"], isKnown: true });
  expect(since(1, there, back, step(4, change(["b", "c"])))).toMatchObject({ added: ["b", "c"] });
});

test("a deployment that did not succeed is no step", () => {
  for (const result of ["failed", "rolled-back", "partial", "interrupted"] as const)
    expect(since(1, step(2, change(["b"]), result))).toEqual({ added: [], dropped: [], isKnown: true });
});

test("one that does not tell makes it unknown, and what the others tell stays known", () => {
  expect(since(1, step(2), step(3, change(["c"])))).toEqual({ added: ["c"], dropped: [], isKnown: false });
});

test("what may be on some hosts lies on top of what runs, each by itself", () => {
  const below = since(1, step(2, change(["b"])));
  const open = [step(4, change(["d"]), "partial"), step(3, change(["c"], ["b"]), "interrupted")];
  expect(contractsOnTop(below, open)).toEqual({ added: ["b", "d", "c"], dropped: [], isKnown: true });
  expect(contractsOnTop(below, [step(4, undefined, "partial")])).toMatchObject({ added: ["b"], isKnown: false });
  expect(contractsOnTop(below, [])).toEqual(below);
});

test("whatever was deployed in whatever order, the sum is the difference of the two releases", () => {
  const names = fc.uniqueArray(fc.constantFrom("a", "b", "c", "d"), { maxLength: 4 });
  fc.assert(
    fc.property(fc.array(names, { minLength: 2, maxLength: 8 }), fc.nat(), (releases, seed) => {
      const without = (one: readonly string[], other: readonly string[]): string[] =>
        one.filter((name) => !other.includes(name));
      const steps = releases.map((own, index) => {
        const before = releases[index - 1] ?? [];
        return step(index + 1, change(without(own, before), without(before, own)));
      });
      const from = seed % releases.length;
      const found = since(from + 1, ...steps);
      const [target, now] = [releases[from] ?? [], releases.at(-1) ?? []];
      expect(found.added.toSorted()).toEqual(without(now, target).toSorted());
      expect(found.dropped.toSorted()).toEqual(without(target, now).toSorted());
    }),
  );
});
