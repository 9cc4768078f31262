import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { author, authorText } from "../../../src/lib/ledger/author.ts";
import type { Deployment, DeploymentResult, HostOutcome } from "../../../src/lib/ledger/ledger.ts";
import { resultOf, saysStanding, standing } from "../../../src/lib/ledger/standing.ts";

const started = Date.parse("2026-11-22T10:00:00Z");
const iso = (ms: number): string => new Date(ms).toISOString();

/** `A` deploys A, `<A` rolls back to A; a result after a colon, none after an open colon. */
function story(...words: readonly string[]): Deployment[] {
  const told = words.map((word, index): Deployment => {
    const [what = "", result = "succeeded"] = word.split(":");
    const letter = what.replace("<", "");
    const state: HostOutcome["state"] = result === "succeeded" ? "new" : result === "rolled-back" ? "old" : "unknown";
    const number = index + 1;
    const intent = {
      schema: 1,
      number,
      kind: what.startsWith("<") ? "rollback" : "deploy",
      revision: letter,
      tree: letter,
      bundle: { repository: "bundle", digest: `sha256:${letter}` },
      images: {},
      hosts: ["i-1"],
      by: { user: "ada", host: "laptop" },
      startedAt: iso(started),
      deadline: iso(started + 60_000),
      nonce: "n",
    } as const;
    const outcome = {
      schema: 1,
      number,
      nonce: "n",
      result: result as DeploymentResult,
      hosts: [{ id: "i-1", state }],
      finishedAt: iso(started + 1_000),
    } as const;
    return { intent, outcome: result === "" ? undefined : outcome };
  });
  return told.toReversed();
}

const now = started + 30_000;

describe("what is current and what lies below it", () => {
  test.each([
    [[], undefined, undefined],
    [["A"], "A", undefined],
    [["A", "B"], "B", "A"],
    [["A", "B", "B"], "B", "A"],
    [["A", "B:rolled-back"], "A", undefined],
    [["A", "B", "C:partial"], "B", "A"],
    [["A", "B", "<A"], "A", undefined],
    [["A", "B", "C", "<B"], "B", "A"],
    [["A", "B", "C", "<B", "D"], "D", "B"],
    [["A", "B", "<A", "B"], "B", "A"],
    [["A", "B", "C:interrupted", "<B"], "B", "A"],
  ] as const)("%j", (words, current, previous) => {
    const found = standing(story(...words), now);
    expect([found.current?.revision, found.previous?.revision]).toEqual([current, previous]);
  });
});

test("an intent without outcome is under way until its deadline, and unsettled for good", () => {
  const open = story("A", "B:");
  expect(standing(open, now)).toMatchObject({ underWay: { number: 2 }, unsettled: { intent: { number: 2 } } });
  const late = standing(open, started + 60_001);
  expect([late.underWay, late.unsettled?.intent.number]).toEqual([undefined, 2]);
  expect(resultOf(open[0]!, now)).toBe("running");
  expect(resultOf(open[0]!, started + 60_001)).toBe("lost");
});

test("its deadline is a length of time, counted from when the server wrote it down", () => {
  const hourAhead = story("A", "B:").map((one) => ({ ...one, recordedAt: iso(started - 3_600_000) }));
  expect(standing(hourAhead, started - 3_600_000 + 59_999).underWay?.number).toBe(2);
  expect(resultOf(hourAhead[0]!, started - 3_600_000 + 60_001)).toBe("lost");
  const hourBehind = story("A", "B:").map((one) => ({ ...one, recordedAt: iso(started + 3_600_000) }));
  expect(standing(hourBehind, started + 3_600_000 + 59_999).underWay?.number).toBe(2);
  expect(resultOf(hourBehind[0]!, started + 3_600_000 + 60_001)).toBe("lost");
});

test("what was rolled back on every host is settled; what was left in the middle is not", () => {
  expect(standing(story("A", "B:rolled-back"), now).unsettled).toBeUndefined();
  expect(standing(story("A", "B:partial"), now).unsettled?.intent.number).toBe(2);
});

describe("what was left in the middle", () => {
  test.each([
    ["stays unsettled after one that failed harmlessly", ["A", "B:interrupted", "C:rolled-back"], 2],
    ["is the newest of several", ["A", "B:interrupted", "C:partial", "D:rolled-back"], 3],
    ["counts where nothing ever succeeded", ["A:partial", "B:rolled-back"], 1],
    ["is over with the next success", ["A", "B:interrupted", "C", "D:rolled-back"], undefined],
  ])("%s", (_, words, number) => {
    expect(standing(story(...words), now).unsettled?.intent.number).toBe(number);
  });
});

test("an application on ECS goes back whole, with what it went on with; that of another release stays unsettled", () => {
  const onEcs = (...words: readonly string[]): Deployment[] =>
    story(...words).map(({ intent, outcome }) => ({
      intent,
      outcome: outcome && { ...outcome, hosts: outcome.hosts.map((one) => ({ ...one, id: "ecs:shop/shop-prod" })) },
    }));
  expect(standing(onEcs("A", "B:paused", "B:rolled-back"), now).unsettled).toBeUndefined();
  expect(standing(onEcs("A", "B:paused", "C:rolled-back"), now).unsettled?.intent.number).toBe(2);
  expect(standing(onEcs("A", "B:rolled-back", "B:paused"), now).unsettled?.intent.number).toBe(3);
  expect(standing(story("A", "B:paused", "B:rolled-back"), now).unsettled?.intent.number).toBe(2);
});

describe("how far back a standing hangs on", () => {
  const says = (...words: string[]): boolean => saysStanding({ deployments: story(...words) });

  test.each([
    [["A", "B"], true],
    [["A", "B", "C:rolled-back"], true],
    [["A"], false],
    [["A", "A"], false],
    [["A:partial", "B:partial"], false],
    // B lies under nothing that was read.
    [["C", "<B"], false],
    [["C", "<B", "D"], true],
    [["B", "C", "<B"], false],
  ])("%j: %s", (words, enough) => {
    expect(says(...words)).toBe(enough);
  });

  test("where what was read says enough, nothing older changes it", () => {
    const word = fc
      .tuple(
        fc.constantFrom("A", "B", "C", "<A", "<B", "<C"),
        fc.constantFrom("", "", "", ":rolled-back", ":partial", ":interrupted", ":"),
      )
      .map(([what, how]) => what + how);
    fc.assert(
      fc.property(fc.array(word, { maxLength: 14 }), fc.nat(14), (words, count) => {
        const all = story(...words);
        const read = all.slice(0, count);
        fc.pre(saysStanding({ deployments: read }));
        expect(standing(read, now)).toEqual(standing(all, now));
      }),
      { numRuns: 1_000 },
    );
  });
});

describe("the author", () => {
  test("is the person behind a GitHub run, with its address", () => {
    const by = author({
      GITHUB_ACTIONS: "true",
      GITHUB_ACTOR: "ada",
      GITHUB_SERVER_URL: "https://github.com",
      GITHUB_REPOSITORY: "o/r",
      GITHUB_RUN_ID: "7",
      USER: "runner",
    });
    expect(by).toMatchObject({ user: "ada", runUrl: "https://github.com/o/r/actions/runs/7" });
    expect(authorText(by)).toBe("ada (https://github.com/o/r/actions/runs/7)");
    const principal = "role/threads-prod-deployer";
    expect(authorText({ ...by, principal })).toBe(`${principal} (ada, https://github.com/o/r/actions/runs/7)`);
    expect(authorText({ user: "ada", host: "desk", principal: "user/ada" })).toBe("user/ada (ada on desk)");
    expect(authorText({ user: "ada", host: "", principal: "user/ada" })).toBe("user/ada (ada)");
  });

  test("is the one at this machine otherwise", () => {
    expect(author({ USER: "bob", GITHUB_ACTOR: "ada" })).toEqual({ user: "bob", host: expect.any(String) });
    expect(author({}).user).not.toBe("");
  });
});
