import { describe, expect, test } from "vitest";
import type { ApprovalsGateConfig } from "../../../src/lib/config/config.ts";
import { judgeGates } from "../../../src/lib/gates/judge.ts";
import { isAuthor, type SaidFacts } from "../../../src/lib/gates/said.ts";
import type { Approval } from "../../../src/lib/ledger/approvals.ts";
import { facts, one } from "./facts.ts";

const { revision } = one.release;
const ask = { count: 2, by: ["user/ada", "user/bob", "user/eve", "sso/zoe@example.com"], notAuthor: true };

/** A word of somebody, later ones with a higher number. */
const word = (principal: string, change: Partial<Approval> = {}): Approval => ({
  environment: "prod",
  revision,
  bundle: one.digest,
  word: "approved",
  principal,
  comment: "",
  by: { user: "whoever", host: "laptop" },
  at: "2026-11-22T11:00:00.000Z",
  number: 1,
  writer: undefined,
  ...change,
});
const judged = (
  approvals: readonly Approval[],
  change: Partial<SaidFacts> = {},
  config: Partial<ApprovalsGateConfig> = {},
) => {
  const said = { approvals, promoter: "role/promoter", authors: ["dev@example.com"], ...change };
  return judgeGates(facts({ approvals: { ...ask, ...config } }, { said }), new Map()).find(
    ({ gate }) => gate === "approvals",
  );
};

describe("the gate", () => {
  test("passes with enough approvals, and names them", () => {
    expect(judged([word("user/ada"), word("sso/zoe@example.com")])).toMatchObject({
      state: "passed",
      says: "2 approvals: user/ada, 22 Nov 2026 11:00 UTC; sso/zoe@example.com, 22 Nov 2026 11:00 UTC",
    });
  });

  test("waits for those who may and have not, by name", () => {
    expect(judged([word("user/ada")])).toMatchObject({
      state: "missing",
      says: "1 of 2 approvals (user/ada, 22 Nov 2026 11:00 UTC)",
      opensBy: "any 1 of user/bob, user/eve and sso/zoe@example.com",
      next: [`threads approve ${revision} -e prod`],
    });
    expect(judged([])?.opensBy).toBe("any 2 of user/ada, user/bob, user/eve and sso/zoe@example.com");
    expect(judged([word("user/ada")], {}, { by: ["user/ada", "user/bob"] })?.opensBy).toBe("user/bob");
  });

  test("where it names nobody anybody counts, but one at a time", () => {
    const open = { ...ask, by: undefined };
    const gate = (...said: Approval[]) =>
      judgeGates(
        facts({ approvals: open }, { said: { approvals: said, promoter: undefined, authors: [] } }),
        new Map(),
      ).find((one) => one.gate === "approvals");
    expect(gate(word("role/x"), word("role/x", { number: 2 }))).toMatchObject({ opensBy: "one more person" });
    expect(gate(word("role/x"), word("user/y"))?.state).toBe("passed");
  });

  test.each([
    ["of whoever wrote the commit", { authors: ["ada@example.com"] }, "the commit is theirs"],
    ["of whoever promotes it", { promoter: "user/ada" }, "it is they who promote it"],
  ])("does not count the approval %s, and says so", (_, change, why) => {
    expect(judged([word("user/ada"), word("user/bob")], change)).toMatchObject({
      state: "missing",
      says: expect.stringContaining(`that of user/ada does not count: ${why}`),
      opensBy: "any 1 of user/eve and sso/zoe@example.com",
    });
    expect(judged([word("user/ada"), word("user/bob")], change, { notAuthor: false })?.state).toBe("passed");
  });

  test("cannot tell who wrote a commit that this clone does not have, and does not pass", () => {
    const both = [word("user/ada"), word("user/bob")];
    expect(judged(both, { authors: undefined })).toMatchObject({
      state: "missing",
      opensBy: null,
      next: ["git fetch --all"],
    });
    expect(judged(both, { authors: undefined }, { notAuthor: false })?.state).toBe("passed");
  });

  test("does not count whoever is not asked, nor what was written in another's name", () => {
    expect(judged([word("user/mallory"), word("user/ada"), word("user/bob", { writer: "user/mallory" })])?.says).toBe(
      "1 of 2 approvals (user/ada, 22 Nov 2026 11:00 UTC); what is there in the name of user/bob was written by user/mallory; that of user/mallory does not count: nobody asks for it",
    );
  });

  test("goes by everybody's last word; a forged one is none", () => {
    const taken = word("user/bob", { word: "withdrawn", number: 2 });
    expect(judged([word("user/ada"), word("user/bob"), taken])?.state).toBe("missing");
    const forged = { ...taken, writer: "user/mallory" };
    expect(judged([word("user/ada"), word("user/bob"), forged])?.state).toBe("passed");
  });

  test("is shut by one rejection, whoever approves, until that is taken back", () => {
    const against = word("user/eve", { word: "rejected", comment: "it locks the table" });
    const enough = [word("user/ada"), word("user/bob")];
    expect(judged([...enough, against])).toMatchObject({
      state: "blocked",
      says: "user/eve rejected it, 22 Nov 2026 11:00 UTC: it locks the table",
      opensBy: null,
      next: [`threads reject ${revision} -e prod --withdraw`],
      advice: ["user/eve can take it back: nobody else can"],
    });
    expect(judged([...enough, against, word("user/eve", { word: "withdrawn", number: 2 })])?.state).toBe("passed");
    // Whoever wrote it may well be against it; whoever is not asked, and who has another's name, is not heard.
    expect(judged([...enough, against], { authors: ["eve@example.com"] })?.state).toBe("blocked");
    expect(judged([...enough, { ...against, principal: "user/mallory" }])?.state).toBe("passed");
    expect(judged([...enough, { ...against, writer: "user/mallory" }])?.state).toBe("passed");
  });

  test("that nobody can open any more says so, and is waited for by nobody", () => {
    expect(judged([], { authors: ["ada@example.com"] }, { by: ["user/ada", "user/bob"] })).toMatchObject({
      says: "0 of 2 approvals; nobody else may who is left",
      opensBy: null,
    });
  });

  test("never passes for not having looked", () => {
    const gates = judgeGates(facts({ approvals: ask }), new Map());
    expect(gates.find(({ gate }) => gate === "approvals")?.state).toBe("missing");
  });
});

test.each([
  ["user/ada", ["ada@example.com"], true],
  ["user/Ada", ["ada@elsewhere.org"], true],
  ["sso/ada@example.com", ["ada@example.com"], true],
  ["sso/ada@example.com", ["ada@elsewhere.org"], false],
  ["user/ada", ["1234567+ada@users.noreply.github.com"], true],
  ["user/ada", ["adam@example.com"], false],
  ["role/ada", ["ada@example.com"], false],
])("%s and %j are one person: %s", (principal, authors, same) => {
  expect(isAuthor(principal, authors)).toBe(same);
});
