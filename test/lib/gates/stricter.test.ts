import { describe, expect, test } from "vitest";
import type { GatesConfig } from "../../../src/lib/config/config.ts";
import { pushedGates } from "../../../src/lib/config/gates-schema.ts";
import type { WrittenGates } from "../../../src/lib/config/gates-words.ts";
import {
  addedText,
  type AskedGate,
  askedGates,
  asksText,
  gatesAsked,
  isAsStrict,
} from "../../../src/lib/gates/asks.ts";
import { compared } from "../../../src/lib/gates/compared.ts";
import { governed, noGates, stricter } from "../../../src/lib/gates/stricter.ts";
import { isOpen, isWithin, nextOpening } from "../../../src/lib/gates/window.ts";
import type { Policy } from "../../../src/lib/ledger/policy.ts";
import { anEnvironment } from "../../fakes/config.ts";
import { onEcs } from "../ecs/world.ts";

const of = (words: WrittenGates) => pushedGates.parse({ smoke: false, ...words });
const finding = (id: string, until: string) => ({ id, until, reason: "why" });
const policy = (words: WrittenGates | null): Policy => ({
  gates: words === null ? null : of(words),
  reason: undefined,
  principal: "user/ada",
  by: { user: "ada", host: "laptop" },
  pushedAt: "2026-11-21T10:00:00.000Z",
  number: 3,
});

const ok = (path: string) => ({ path, status: 200 });

const anyRehearsal = {
  rehearsed: { budget: [{ of: "errors", most: 0, unit: "requests" }], lockMs: 1000 },
} as const;

describe("of two the stricter", () => {
  test.each<[string, WrittenGates, WrittenGates, Partial<GatesConfig>]>([
    ["smoke where either has it", { smoke: true }, {}, { smoke: true }],
    ["smoke where the other has it", {}, { smoke: true }, { smoke: true }],
    ["the longer soak", { verified: "a", soak: 5 }, { verified: "a", soak: 9 }, { verified: "a", soakMs: 9000 }],
    ["the greater age", { maturity: 60 }, { maturity: 30 }, { maturityMs: 60_000 }],
    ["all checks", { checks: ["lint", "test"] }, { checks: ["test", "e2e"] }, { checks: ["test", "e2e", "lint"] }],
    ["what one alone asks for", { branch: "main" }, { verified: "staging" }, { branch: "main", verified: "staging" }],
    ["of two branches that of the policy", { branch: "feature" }, { branch: "prod" }, { branch: "prod" }],
    ["of two environments that of the policy", { verified: "mine" }, { verified: "staging" }, { verified: "staging" }],
    [
      "every check that either has, and those of one twice where it has it twice",
      { smoke: true, smoke_checks: [ok("/"), ok("/new")] },
      { smoke: true, smoke_checks: [ok("/"), ok("/"), { path: "/new", status: 404 }] },
      { smoke: true, smokeChecks: [ok("/"), ok("/new"), ok("/"), { path: "/new", status: 404 }] },
    ],
    [
      "every check of a host that either has",
      { verify: "staging", verify_checks: [ok("/")] },
      { verify: "staging", verify_checks: [ok("/readyz")] },
      { verify: "staging", verifyChecks: [ok("/"), ok("/readyz")] },
    ],
    [
      "of hosts elsewhere those of the policy",
      { verify: "mine", verify_checks: [ok("/")] },
      { verify: "staging", verify_checks: [ok("/readyz")] },
      { verify: "staging", verifyChecks: [ok("/readyz")] },
    ],
    ["what the policy verifies in", { verify: "mine" }, { verify: "staging" }, { verify: "staging" }],
    [
      "every limit of a load, the tighter of two, as long and as much as either asks for, where the policy says",
      { stress: { environment: "mine", budget: "p99=100ms,p50=20ms,errors=1%", rate: 50, duration: 60 } },
      { stress: { environment: "staging", budget: "p99=200ms,errors=0", rate: 80, duration: 30 } },
      {
        stress: {
          environment: "staging",
          budget: [
            { of: "p99", most: 100, unit: "ms" },
            { of: "errors", most: 0, unit: "requests" },
            { of: "p50", most: 20, unit: "ms" },
          ],
          rate: 80,
          durationMs: 60_000,
        },
      },
    ],
    [
      "no error where a branch allows none; of a number and a part that of the policy",
      { stress: { environment: "staging", budget: "errors=0" } },
      { stress: { environment: "staging", budget: "errors=1%" } },
      { stress: { environment: "staging", budget: [{ of: "errors", most: 0, unit: "requests" }] } },
    ],
    [
      "of a rehearsal the tighter limits, and the shorter lock",
      { rehearsed: { budget: "errors=1%,max=2s", lock: 1 } },
      { rehearsed: { lock: 3 } },
      {
        rehearsed: {
          budget: [
            { of: "errors", most: 0, unit: "requests" },
            { of: "max", most: 2000, unit: "ms" },
          ],
          lockMs: 1000,
        },
      },
    ],
    ["a rehearsal that the policy alone asks for", {}, { rehearsed: {} }, anyRehearsal],
    [
      "the policy's signer, insisted on where either does",
      { signature: { by: "ada@example.com", issuer: "https://accounts.google.com", required: true } },
      { signature: { by: "awskms:///alias/threads" } },
      { signature: { by: { key: "awskms:///alias/threads", log: true }, required: true } },
    ],
    [
      "more approvals, of those whom both name, without authors",
      { approvals: { count: 1, by: ["user/ada", "user/eve"], not_author: false } },
      { approvals: { count: 2, by: ["user/bob", "user/ada"] } },
      { approvals: { count: 2, by: ["user/ada"], notAuthor: true } },
    ],
    [
      "approvals of those whom one names",
      { approvals: { by: ["user/ada"] } },
      { approvals: { count: 1, not_author: false } },
      { approvals: { count: 1, by: ["user/ada"], notAuthor: true } },
    ],
    [
      "every severity, and only findings that both accept, as long as both do",
      { scan: { block: ["HIGH"], allow: [finding("A", "2026-12-31"), finding("B", "2026-12-31")], wait: 7 } },
      { scan: { block: ["CRITICAL"], allow: [finding("B", "2026-11-30"), finding("C", "2026-12-31")] } },
      { scan: { block: ["CRITICAL", "HIGH"], allow: [finding("B", "2026-11-30")], waitMs: 7000 } },
    ],
    [
      "a finding as long as the branch accepts it, where that is shorter",
      { scan: { allow: [finding("A", "2026-11-30")] } },
      { scan: { allow: [finding("A", "2026-12-31")] } },
      { scan: { block: ["CRITICAL"], allow: [finding("A", "2026-11-30")], waitMs: 300_000 } },
    ],
  ])("is %s", (_, own, theirs, both) => {
    expect(stricter(of(own), of(theirs))).toEqual({ ...noGates, ...both });
  });

  test("is never less than either, whatever a branch says", () => {
    const all: WrittenGates[] = [
      {},
      { smoke: true, verified: "staging", soak: 60, branch: "prod", checks: ["a"], maturity: 9 },
      { approvals: { count: 2, by: ["user/ada", "user/bob"] } },
      { approvals: { count: 1, not_author: false } },
      { scan: { block: ["LOW"], allow: [finding("A", "2026-12-31")] } },
      { scan: {} },
      { verify: "staging", stress: { environment: "staging", budget: "p99=200ms" } },
      { verify: "qa", stress: { environment: "qa", budget: "p99=300ms,errors=5", rate: 100, duration: 60 } },
      { window: { open: [{ days: ["mon"] }] } },
      { window: { zone: "Europe/Berlin", open: [{ from: "09:00", to: "12:00" }] } },
    ];
    for (const own of all)
      for (const theirs of all) {
        const [mine, pushed] = [of(own), of(theirs)];
        const both = stricter(mine, pushed);
        for (const gate of askedGates) {
          expect([own, theirs, gate, isAsStrict(gate, both, pushed)]).toEqual([own, theirs, gate, true]);
          expect([
            own,
            theirs,
            gate,
            asksText(gate, pushed) === undefined || asksText(gate, both) !== undefined,
          ]).toEqual([own, theirs, gate, true]);
        }
        expect(stricter(mine, mine)).toEqual(mine);
        expect(stricter(noGates, pushed)).toEqual(pushed);
        expect(stricter(pushed, noGates)).toEqual(pushed);
      }
  });
});

describe("a window under a policy", () => {
  const both = stricter(
    of({ window: { open: [{ days: ["mon", "tue"], from: "08:00", to: "10:00" }] } }),
    of({ window: { open: [{ days: ["tue", "wed"], from: "09:00", to: "18:00" }] } }),
  ).window!;
  const at = (text: string) => Date.parse(`2026-11-${text}:00Z`);

  test("is open where both are", () => {
    expect(isOpen(both, at("24T09:30"))).toBe(true);
    // Tuesday too early for the policy, too late for the file; Monday, Wednesday.
    for (const time of ["24T08:30", "24T10:30", "23T09:30", "25T09:30"]) expect(isOpen(both, at(time))).toBe(false);
  });

  test("opens next when the later of the two has opened, and never where they do not meet", () => {
    expect(nextOpening(both, at("22T12:00"))).toBe(at("24T09:00"));
    expect(nextOpening(both, at("24T10:00"))).toBe(Date.parse("2026-12-01T09:00:00Z"));
    const never = stricter(
      of({ window: { open: [{ days: ["mon"] }] } }),
      of({ window: { open: [{ days: ["fri"] }] } }),
    ).window!;
    expect(nextOpening(never, at("22T12:00"))).toBeUndefined();
  });

  test("of the same zone is the narrower of the two, where one lies within the other", () => {
    const wide = of({ window: { open: [{ days: ["mon", "tue"] }] } });
    const narrow = of({ window: { open: [{ days: ["mon"], from: "22:00", to: "02:00" }] } });
    expect([stricter(wide, narrow), stricter(narrow, wide)]).toEqual([narrow, narrow]);
    const other = of({ window: { zone: "Europe/Berlin", open: [{ days: ["mon"] }] } });
    expect(stricter(wide, other).window).toEqual({ ...other.window, and: wide.window });
    // Over midnight on Sunday it is Monday.
    const late = of({ window: { open: [{ days: ["sun"], from: "22:00", to: "02:00" }] } });
    expect(stricter(wide, late).window).toHaveProperty("and");
    // Of two at once it must lie within both.
    const [a, b] = [wide.window!, late.window!];
    expect([isWithin(a, { ...a, and: b }), isWithin({ ...a, and: b }, a), isWithin({ ...b, and: a }, a)]).toEqual([
      false,
      true,
      true,
    ]);
    // Calendars alone are open at any hour, and so within no hours, not even of their own zone.
    const always = of({ window: { calendars: ["team"] } });
    expect(stricter(always, wide).window).toEqual({ ...wide.window, calendars: ["team"] });
  });

  test("has the calendars of both, and the hours of the one that has any", () => {
    const hours = { zone: "Europe/Berlin", open: [{ days: ["mon"], from: "09:00" }] } as const;
    const own = of({ window: { calendars: ["team"] } });
    const theirs = of({
      window: { ...hours, open: [...hours.open].map((one) => ({ ...one, days: ["mon"] })), calendars: ["company"] },
    });
    const { window } = stricter(own, theirs);
    expect(window).toEqual({ ...theirs.window, calendars: ["company", "team"] });
    expect(stricter(theirs, own).window).toEqual({ ...theirs.window, calendars: ["team", "company"] });
    expect(isAsStrict("window", stricter(own, theirs), stricter(theirs, own))).toBe(true);
  });

  test("tells both", () => {
    expect(
      asksText(
        "window",
        stricter(
          of({ window: { open: [{ days: ["mon"] }] } }),
          of({ window: { zone: "Europe/Berlin", open: [{ from: "09:00" }] } }),
        ),
      ),
    ).toBe("mon–sun 09:00–24:00 (Europe/Berlin), and of that mon 00:00–24:00 (UTC)");
  });
});

describe("an environment under a policy", () => {
  const bare = anEnvironment("prod", { hosts: { tag: "a=b" } });
  const gated = anEnvironment("prod", { hosts: { tag: "a=b" }, gates: { smoke: false, approvals: { count: 1 } } });

  test("takes promoted releases only, with its gates, where the branch has taken them away", () => {
    expect(governed(bare, policy({ verified: "staging" }))).toMatchObject({
      requiresPromotion: true,
      gates: { verified: "staging", smoke: false },
    });
  });

  test.each([["hosts", { hosts: { tag: "a=b" } }] as const, ["ECS", onEcs()] as const])(
    "asks for nothing of its own where it has no gates, on %s",
    (_, entry) => {
      expect(governed(anEnvironment("prod", entry), policy({})).gates).toEqual(of({}));
      expect(compared(anEnvironment("prod", entry), undefined)).toEqual([]);
    },
  );

  test("is as threads.yml has it where none is pushed, and where one asks for nothing", () => {
    expect(governed(bare, undefined)).toBe(bare);
    expect(governed(gated, policy(null))).toBe(gated);
    expect(gatesAsked(policy(null))).toEqual([]);
    expect(gatesAsked(policy({ approvals: {}, verified: "staging" }))).toEqual(["verified", "approvals"]);
  });

  test("says what was added, and by whom", () => {
    const added = (gate: AskedGate, words: WrittenGates) => addedText(gate, gated, policy(words));
    const who = "by the policy that user/ada pushed on 21 Nov 2026 10:00 UTC";
    expect(added("approvals", { approvals: { count: 2 } })).toBe(`2 approvals ${who}; threads.yml asks for 1 approval`);
    expect(added("branch", { branch: "prod" })).toBe(`prod ${who}; threads.yml does not ask for it`);
    expect(added("approvals", { approvals: { count: 1 } })).toBeUndefined();
    expect(added("approvals", {})).toBeUndefined();
    expect(addedText("freeze", gated, policy({}))).toBeUndefined();
  });

  test("asks for nothing more where only the order differs", () => {
    const own = of({
      checks: ["b", "a"],
      scan: { block: ["HIGH", "LOW"] },
      window: { calendars: ["team-x", "team-y"] },
    });
    const theirs = of({ checks: ["a"], scan: { block: ["LOW"] }, window: { calendars: ["team-y"] } });
    for (const gate of ["checks", "scan", "window"] as const) expect(isAsStrict(gate, own, theirs)).toBe(true);
    const by = (...names: string[]) => of({ approvals: { by: names } });
    expect(isAsStrict("approvals", by("user/a", "user/b"), by("user/b", "user/a"))).toBe(true);
  });

  test("is compared gate by gate", () => {
    const two = anEnvironment("prod", {
      gates: { smoke: true, soak: 60, verified: "qa", checks: ["a"], branch: "main" },
    });
    const found = compared(two, policy({ smoke: true, soak: 90, verified: "qa", checks: ["b"], maturity: 5 }));
    expect(found.map(({ gate, stricter: which }) => [gate, which])).toEqual([
      ["branch", "file"],
      ["checks", "both"],
      ["verified", "neither"],
      ["soak", "policy"],
      ["maturity", "policy"],
      ["smoke", "neither"],
    ]);
    expect(found[1]).toMatchObject({ policy: "b", file: "a" });
    expect(found[0]).toMatchObject({ policy: null, file: "main" });
  });
});
