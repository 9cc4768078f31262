import { describe, expect, test } from "vitest";
import { type Counted, judged } from "../../../../src/lib/actions/rehearse/judge.ts";
import { ThreadsError } from "../../../../src/lib/errors/threads-error.ts";
import { budget, from, measured, phase, plan, slotted, to } from "./facts.ts";

const [one, two] = [from, to].map(({ release }) => release.revision.slice(0, 12));
const usual = [
  phase("before", ""),
  phase("deploy", "migrate"),
  phase("deploy", "switch"),
  phase("served", ""),
  phase("after", ""),
];
const counted = (change: Partial<Counted> = {}): Counted => ({
  report: { total: measured(), errors: [] },
  phases: usual,
  locks: [],
  notDeployed: undefined,
  notRolledBack: undefined,
  ...change,
});
/** Requests that failed, by where: `deploy migrate`. */
const failing = (where: Readonly<Record<string, number>>): Partial<Counted> => {
  const errors = Object.values(where).reduce((sum, many) => sum + many, 0);
  return {
    report: { total: measured({ errors }), errors: [{ says: "status 500", count: errors }] },
    phases: usual.map((one) => ({ ...one, errors: where[`${one.part} ${one.step}`.trim()] ?? 0 })),
  };
};
const failed = new ThreadsError("HOST_FAILED", { message: "web-1 did not become healthy" });

test("what keeps all limits has nothing to say", () => {
  expect(judged(plan(), counted())).toEqual({
    says: "",
    limits: [
      { limit: "errors=0", ok: true, says: "" },
      { limit: "lock=1s", ok: true, says: "" },
    ],
  });
});

describe("a lock", () => {
  const lock = { table: "posts_post", mode: "AccessExclusiveLock", heldMs: 4_200, waiting: 3 };

  test("that is held for too long is named, with its migration and those who waited", () => {
    const { says, limits } = judged(plan(), counted({ locks: [lock] }));
    expect(says).toBe(
      "posts.0002_note locks the table posts_post for 4.2 s (AccessExclusiveLock), and 3 others waited for it: more than 1.0 s",
    );
    expect(limits.at(-1)).toEqual({ limit: "lock=1s", ok: false, says });
  });

  test("that is held for as long as it may be is none", () => {
    expect(judged(plan({ typed: { lockMs: 4_200 } }), counted({ locks: [lock] })).says).toBe("");
    expect(judged(plan({ typed: { lockMs: 4_199 } }), counted({ locks: [lock] })).says).not.toBe("");
  });

  test("is of the migration where the releases do not tell of theirs", () => {
    const silent = slotted("three");
    expect(judged(plan({ from: silent, to }), counted({ locks: [{ ...lock, waiting: 0 }] })).says).toMatch(
      /^posts\.0001_initial and posts\.0002_note locks the table/,
    );
    const same = plan({ to: slotted("three", ...(from.release.migrations ?? [])) });
    expect(judged(same, counted({ locks: [lock] })).says).toMatch(/^the migration locks the table posts_post/);
  });

  test("that nobody can see is told by those who waited while the migration was at work, and not before", () => {
    const waiting = (before: number, migrate: number): Counted =>
      counted({
        locks: null,
        phases: [
          phase("before", "", { maxMs: before }),
          phase("deploy", "migrate", { maxMs: migrate }),
          phase("deploy", "switch", { maxMs: 9_000 }),
        ],
      });
    expect(judged(plan(), waiting(40, 1_041)).says).toBe(
      "somebody waited for 1.04 s while posts.0002_note was at work, and 40.0 ms at most before: a lock, as it seems",
    );
    expect(judged(plan(), waiting(40, 1_040)).says).toBe("");
  });
});

describe("requests that fail", () => {
  const says = (where: Readonly<Record<string, number>>, of = plan()): string =>
    judged(of, counted(failing(where))).says;

  test("between the migration and the switch are the release before, which does not survive it", () => {
    const both = { "deploy migrate": 3, "deploy switch": 40, after: 30 };
    expect(says(both)).toBe(
      `${one}, which still serves, fails 43 requests (status 500) from the step migrate on: it does not survive posts.0002_note`,
    );
    expect(says({ "deploy switch": 1 })).toContain("from the step switch on: it does not survive");
  });

  test("there and once it serves are not the release before alone", () => {
    expect(says({ "deploy switch": 4, served: 3 })).toBe(
      "the deployment fails 4 requests (status 500), in its step switch",
    );
  });

  test.each([
    [
      { before: 2 },
      `${one} fails 2 requests (status 500) before anything is changed: this machine has too much to do, or the sandbox lacks what it needs`,
    ],
    [{ served: 2 }, `${two} fails 2 requests (status 500) once it serves`],
    [{ after: 1 }, `${one} fails 1 request (status 500) after the rollback`],
  ])("%j", (where, sentence) => {
    expect(says(where)).toBe(sentence);
  });

  test("are as many as may be", () => {
    const of = plan({ typed: { budget: budget("errors=4") } });
    expect(says({ served: 4 }, of)).toBe("");
    expect(says({ served: 5 }, of)).not.toBe("");
  });
});

describe("the first cause is what is told", () => {
  const lock = { table: "posts", mode: "ShareLock", heldMs: 2_000, waiting: 0 };

  test("that it does not come up, before all that follows from it", () => {
    const all = counted({ ...failing({ "deploy switch": 3 }), locks: [lock], notDeployed: failed });
    expect(judged(plan(), all).says).toBe(`${two} does not come up: web-1 did not become healthy`);
  });

  test("what fails before anything is changed, before all that comes after it", () => {
    const all = counted({ ...failing({ before: 1, "deploy switch": 3 }), locks: [lock], notDeployed: failed });
    expect(judged(plan(), all).says).toMatch(/ before anything is changed: /);
  });

  test("a lock before the requests that waited too long for it", () => {
    const { says } = judged(plan(), counted({ ...failing({ "deploy migrate": 3 }), locks: [lock] }));
    expect(says).toMatch(/^posts\.0002_note locks the table posts/);
  });

  test("that nothing comes back", () => {
    expect(judged(plan(), counted({ notRolledBack: failed })).says).toBe(
      `${one} does not come back: web-1 did not become healthy`,
    );
  });

  test("a wait, with where it was", () => {
    const phases = [...usual, phase("rollback", "switch", { maxMs: 2_500 })];
    const report = { total: measured({ maxMs: 2_500 }), errors: [] };
    expect(judged(plan({ typed: { budget: budget("max=2s") } }), counted({ phases, report })).says).toBe(
      "max of 2500 ms is more than 2000 ms: the longest wait of 2.50 s is in rollback, step switch",
    );
  });
});
