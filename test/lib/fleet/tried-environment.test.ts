import { expect, test } from "vitest";
import type { PlannedHost } from "../../../src/lib/fleet/rollout-plan.ts";
import { triedLines } from "../../../src/lib/fleet/tried-environment.ts";
import { sha } from "../../fakes/fleet.ts";

// What of the environment is another one than before is told with a release that has failed.

const made = (versions: Readonly<Record<string, string>>) => ({ from: "/shop/prod/", versions });
const host = (change: object = {}): PlannedHost =>
  ({ id: "i-1", name: "web-1", before: sha("good"), ...change }) as unknown as PlannedHost;
const tried = (environmentTried?: ReturnType<typeof made>, environmentChanged?: boolean) => ({
  environmentTried,
  environmentChanged,
});

test("variables by their names, where both were made from a store", () => {
  const before = host({ environment: made({ A: "1", B: "1", C: "1", D: "1" }) });
  expect(triedLines(before, tried(made({ A: "1", B: "2", C: "3", E: "1" })))).toEqual([
    "its environment differs from that of what ran there: changed B and C; added E; removed D",
  ]);
  expect(triedLines(before, tried(made({ A: "1", B: "1", C: "1", D: "1" })))).toEqual([]);
});

test("the host's own file, by its contents", () => {
  expect(triedLines(host(), tried(undefined, true))).toEqual([
    "the environment file of web-1 (i-1) is another one than what ran there came up with",
  ]);
  expect(triedLines(host(), tried(undefined, false))).toEqual([]);
});

test("one that is made now, and was a file of the host's", () => {
  expect(triedLines(host(), tried(made({ A: "1" })))).toEqual([
    "its environment was made from /shop/prod/: what ran there has the host's own file",
  ]);
});

test("nothing where nothing ran, or nobody knows", () => {
  expect(triedLines(host({ before: undefined }), tried(made({ A: "1" }), true))).toEqual([]);
  expect(triedLines(undefined, tried(undefined, true))).toEqual([]);
  expect(triedLines(host(), undefined)).toEqual([]);
});
