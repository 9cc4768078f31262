import { describe, expect, it } from "vitest";
import { judgePolicy } from "../../../../src/lib/actions/doctor/checks/policy.ts";
import { doctor } from "../../../../src/lib/actions/doctor/run.ts";
import { gates } from "../../../../src/lib/config/gates-schema.ts";
import type { WrittenGates } from "../../../../src/lib/config/gates-words.ts";
import type { Policy } from "../../../../src/lib/ledger/policy.ts";
import { anEnvironment } from "../../../fakes/config.ts";
import { testWorld } from "./world.ts";

const policy = (words: WrittenGates | null): Policy => ({
  gates: words === null ? null : gates.parse(words),
  reason: undefined,
  principal: "user/ada",
  by: { user: "ada", host: "laptop" },
  pushedAt: "2026-11-21T10:00:00.000Z",
  number: 1,
});
const who = "the policy that user/ada pushed on 21 Nov 2026 10:00 UTC";
const hosts = { tag: "a=b" };

describe("the policy of an environment", () => {
  it("that has gates is missed where none is pushed", () => {
    expect(judgePolicy(anEnvironment("prod", { hosts, gates: {} }), undefined)).toMatchObject([
      { state: "warn", of: "prod", next: ["threads policy push -e prod"] },
    ]);
  });

  it("that has none is not", () => {
    expect(judgePolicy(anEnvironment("staging", { hosts }), undefined)).toEqual([]);
  });

  it("is well where threads.yml asks for the same", () => {
    expect(judgePolicy(anEnvironment("prod", { hosts, gates: { soak: 0 } }), policy({ smoke: true }))).toMatchObject([
      { state: "ok", says: `threads.yml asks for the same as ${who}` },
    ]);
    expect(judgePolicy(anEnvironment("staging", { hosts }), policy(null))).toMatchObject([{ state: "ok" }]);
  });

  it("says which gates differ, and what both ask for", () => {
    const prod = anEnvironment("prod", { hosts, gates: { approvals: { count: 1 }, branch: "main" } });
    expect(judgePolicy(prod, policy({ approvals: { count: 2 } }))).toMatchObject([
      {
        state: "warn",
        says: `2 gates of threads.yml and of ${who} differ: the stricter counts`,
        details: [
          "branch: not asked for by policy, main by threads.yml",
          "approvals: 2 approvals by policy, 1 approval by threads.yml",
        ],
        next: ["threads policy show -e prod", "threads policy push -e prod --dry-run"],
      },
    ]);
  });

  it("is told where this branch has taken the gates away, also those that ask for nothing", () => {
    const bare = anEnvironment("prod", { hosts });
    expect(judgePolicy(bare, policy({ smoke: true }))).toMatchObject([{ state: "warn" }]);
    expect(judgePolicy(bare, policy({ smoke: false }))).toMatchObject([
      { state: "warn", says: `threads.yml and ${who} do not agree on whether prod has gates` },
    ]);
  });
});

it("is a failure of doctor where nobody can read it", async () => {
  await using test = await testWorld();
  test.ssm.parameters.store.set("/threads/prod/policy", "x");
  const { checks, outcome } = await doctor({ environment: "prod" }, test.ports());
  expect(outcome).toBe("failed");
  expect(checks.find(({ check }) => check === "policy")).toMatchObject({
    state: "fail",
    says: expect.stringContaining("is no policy that this threads understands (it is no record)"),
  });
});
