import { expect, test } from "vitest";
import { outputText } from "../../../../src/lib/output/summary/outputs.ts";
import type { Told } from "../../../../src/lib/output/summary/told.ts";

const [revision, bundle] = ["a".repeat(40), `sha256:${"b".repeat(64)}`] as const;

/** Of a result as much as is looked at. */
function lines(command: keyof Told, result: object): string[] {
  return outputText(command, result as never)
    .split("\n")
    .slice(0, -1);
}

test("the steps after it are told the outcome, and the release by its sha and digest", () => {
  expect(lines("publish", { outcome: "published", revision, bundle: { digest: bundle } })).toEqual([
    "outcome=published",
    `release=${revision}`,
    `bundle=${bundle}`,
  ]);
  expect(lines("smoke", { outcome: "passed", revision, saved: { digest: bundle } })).toContain(`digest=${bundle}`);
  expect(lines("rollback", { outcome: "deployed", number: 7, release: { revision, bundle } })).toContain(
    "deployment=7",
  );
  expect(lines("verify", { outcome: "passed", revision, bundle, deployment: 7 })).toContain("outcome=passed");
});

test("what is not known has no line", () => {
  expect(lines("smoke", { outcome: "passed", revision, saved: null })).toEqual([
    "outcome=passed",
    `release=${revision}`,
  ]);
  expect(lines("publish", { outcome: "planned", revision, bundle: { digest: null } })).toHaveLength(2);
});

test("no value makes a line of its own", () => {
  expect(lines("test", { outcome: "passed", revision: `${revision}\nrelease=${"c".repeat(40)}` })).toEqual([
    "outcome=passed",
  ]);
});
