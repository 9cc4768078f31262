import { expect, test } from "vitest";
import { judgeGates } from "../../../src/lib/gates/judge.ts";
import type { GateFacts } from "../../../src/lib/gates/gate-facts.ts";
import type { CommitCheck } from "../../../src/lib/source/github-checks.ts";
import { facts, one } from "./facts.ts";

const judged = (checks: GateFacts["checks"]) =>
  judgeGates(facts({ checks: ["test", "lint"] }, { checks }), new Map()).find(({ gate }) => gate === "checks");
const check = (name: string, state: CommitCheck["state"] = "passed", word = "success"): CommitCheck => ({
  name,
  state,
  word,
  url: `https://github.example/${name}`,
});
const again = `threads gates ${one.release.revision} -e prod`;

test("all that are asked for must have passed; what others do is no matter", () => {
  expect(judged([check("test"), check("lint"), check("deploy", "failed", "failure")])).toMatchObject({
    state: "passed",
    says: "test and lint passed on this commit",
  });
});

test("one that failed is told with its page, whatever else is still running", () => {
  expect(judged([check("test", "failed", "timed_out"), check("lint", "pending", "queued")])).toMatchObject({
    state: "blocked",
    says: "test ended with timed_out; lint is queued",
    opensBy: null,
    next: [again],
    advice: ["look at https://github.example/test", "look at https://github.example/lint"],
  });
});

test("what still runs is waited for; what nobody began is not there", () => {
  expect(judged([check("test"), check("lint", "pending", "in_progress")])).toMatchObject({
    state: "missing",
    says: "lint is in_progress",
    opensBy: "GitHub's checks",
  });
  expect(judged([check("test", "pending", "queued")])).toMatchObject({
    state: "missing",
    says: "test is queued; there is no check lint on this commit",
    opensBy: null,
  });
});

test("of two checks of one name both must have passed", () => {
  expect(judged([check("test"), check("test", "failed", "failure"), check("lint")])?.state).toBe("blocked");
});

test.each([{ unknown: "GitHub does not tell (HTTP 503)" }, undefined])(
  "what cannot be told has not passed: %j",
  (seen) => {
    expect(judged(seen)).toMatchObject({
      state: "missing",
      says: expect.stringMatching(/^whether test and lint passed cannot be told: /),
      opensBy: null,
      next: [again],
    });
  },
);

test("where it is not known which repository to ask, the advice is to name it, and not to sign in", () => {
  const name = "set GITHUB_REPOSITORY to OWNER/NAME";
  expect(judged({ unknown: "nothing names a repository of GitHub", advice: [name] })?.advice).toEqual([name]);
  expect(judged({ unknown: "GitHub does not tell (HTTP 404)" })?.advice).toEqual([
    expect.stringMatching(/^sign in with gh auth login/),
  ]);
});
