import * as fc from "fast-check";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { beatMs, deadAfterMs, type Lease, type LeaseDraft, type OwnLease } from "../../../src/lib/ledger/lease.ts";
import type { ThreadsError } from "../../../src/lib/errors/threads-error.ts";
import { digestOf } from "../../../src/lib/image/digest.ts";
import { parameterLedger } from "../../../src/lib/ledger/parameters.ts";
import { silentProgress } from "../../../src/lib/progress/progress.ts";
import { hurriedClock } from "../../fakes/hurried-clock.ts";
import type { Ledger } from "../../../src/lib/ledger/ledger.ts";
import type { FakeSsm } from "../../fakes/ssm.ts";
import { openLedger } from "./open-ledger.ts";

const name = "/threads/prod/lock";
const dead = (lease: Lease): boolean => lease.state === "dead";
const never = (): boolean => false;

let ssm: FakeSsm;
let ledger: Ledger;
let now: number;
beforeEach(async () => {
  ({ ssm, ledger } = await openLedger());
  // Replies have whole seconds.
  now = Math.ceil(Date.now() / 1000) * 1000;
  ssm.now = () => now;
});
afterEach(() => ssm.close());

function draft(number: number, user = "ada"): LeaseDraft {
  return { kind: "deploy", number, revision: "a".repeat(40), by: { user, host: "laptop" } };
}

async function taken(number: number, mayTakeOver: (lease: Lease) => boolean = never): Promise<OwnLease> {
  const end = await ledger.takeLease("prod", draft(number), mayTakeOver);
  if ("inTheWay" in end) throw new Error(`${end.inTheWay.number} is in the way`);
  return end.own;
}

test("is held by one: the second is told whose it is, since when and what they are at", async () => {
  const own = await taken(1);
  now += beatMs;
  expect(await ledger.renewLease("prod", own, "Deploy on prod-1")).toBe("held");
  now += 2_000;
  expect(await ledger.takeLease("prod", draft(1, "bob"), dead)).toEqual({
    inTheWay: {
      ...draft(1),
      nonce: own.nonce,
      step: "Deploy on prod-1",
      since: new Date(now - beatMs - 2_000).toISOString(),
      beatAt: new Date(now - 2_000).toISOString(),
      quietMs: 2_000,
      state: "alive",
    },
  });
});

test("its age is the server's word, however wrong the clock of this machine is", async () => {
  await taken(1);
  now += 20 * 60_000;
  expect(await ledger.lease("prod")).toMatchObject({ state: "dead", quietMs: 20 * 60_000 });
});

test("is dead 11 s after the last beat, and not a second before", async () => {
  const own = await taken(1);
  now += deadAfterMs - 1000;
  expect(await ledger.takeLease("prod", draft(2), dead)).toMatchObject({ inTheWay: { state: "alive" } });
  await ledger.renewLease("prod", own, "");
  now += deadAfterMs;
  await taken(2, dead);
  expect(await ledger.lease("prod")).toMatchObject({ number: 2, state: "alive", quietMs: 0 });
});

test("a holder whose lease was taken over, or broken, is told with the next beat, and takes nothing back", async () => {
  const first = await taken(1);
  now += deadAfterMs;
  const second = await taken(2, dead);
  expect(await ledger.renewLease("prod", first, "late")).toBe("lost");
  await ledger.endLease("prod", first, false);
  expect(await ledger.lease("prod")).toMatchObject({ number: 2, step: "begins" });
  expect(await ledger.breakLease("prod", first.nonce)).toBe(false);
  expect(await ledger.breakLease("prod", second.nonce)).toBe(true);
  expect(await ledger.renewLease("prod", second, "")).toBe("lost");
  expect(ssm.parameters.store.has(name)).toBe(false);
});

test("a lost reply is no other's lease", async () => {
  ssm.fail("PutParameter", "lose-reply");
  const own = await taken(1);
  await ledger.endLease("prod", own, true);
  expect(await ledger.lease("prod")).toBeUndefined();
});

test("a step may be of any length", async () => {
  const own = await taken(1);
  expect(await ledger.renewLease("prod", own, "x".repeat(10_000))).toBe("held");
});

test("what is no lease is named, with what is rid of it", async () => {
  ssm.parameters.store.set(name, "{}");
  await expect(ledger.lease("prod")).rejects.toMatchObject({
    code: "LEDGER_UNREADABLE",
    next: [`aws ssm get-parameter --name ${name}`, `aws ssm delete-parameter --name ${name}`],
  });
});

describe("of several deployers, whatever they do and whenever they die", () => {
  const event = fc.oneof(
    fc.record({ does: fc.constant("wait" as const), ms: fc.integer({ min: 1, max: 9 }).map((s) => s * 1000) }),
    fc.record({
      does: fc.constantFrom("take" as const, "beat" as const, "end" as const, "die" as const),
      who: fc.nat(2),
    }),
  );

  test("one that beats in time keeps its lease, and no other takes it", async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(event, { maxLength: 40 }), async (events) => {
        ssm.parameters.store.clear();
        const right: boolean[] = [];
        const held = new Map<number, { readonly own: OwnLease; beatAt: number; isGone: boolean }>();
        const live = (): number[] =>
          [...held].filter(([, { beatAt }]) => now - beatAt < deadAfterMs).map(([holder]) => holder);
        for (const one of events) {
          if (one.does === "wait") {
            now += one.ms;
            continue;
          }
          const { who, does } = one;
          const mine = held.get(who);
          const works = mine !== undefined && !mine.isGone ? mine : undefined;
          const wasLive = live().includes(who);
          if (does === "take" && works === undefined) {
            const end = await ledger.takeLease("prod", draft(who + 1), dead);
            // Taken exactly where nobody was alive, or may have been.
            right.push("own" in end === (live().length === 0));
            if ("own" in end) held.set(who, { own: end.own, beatAt: now, isGone: false });
          } else if (does === "beat" && works !== undefined) {
            const state = await ledger.renewLease("prod", works.own, "");
            right.push(state === "held" || !wasLive);
            if (state === "held") works.beatAt = now;
            else held.delete(who);
          } else if (does === "end" && works !== undefined) {
            await ledger.endLease("prod", works.own, wasLive);
            held.delete(who);
          } else if (does === "die" && works !== undefined) works.isGone = true;
          right.push(live().length < 2);
        }
        expect(right).not.toContain(false);
      }),
      { numRuns: 60 },
    );
  });

  test("whoever loses a race for a dead one's lease begins nothing, and is told; the winner hears where it has none", async () => {
    const intent = { revision: "a".repeat(40), tree: "b".repeat(40), hosts: [], images: {} };
    const times = { startedAt: "2026-11-27T22:00:00Z", deadline: "2026-11-27T22:30:00Z" };
    const bundle = { repository: "r", digest: digestOf("bundle") };
    await fc.assert(
      fc.asyncProperty(fc.scheduler(), async (scheduler) => {
        ssm.parameters.store.clear();
        await taken(1);
        now += deadAfterMs;
        const run = async (user: string): Promise<"begun" | "told" | "lost"> => {
          const own = ledgerOf(ssm, (call) => scheduler.schedule(Promise.resolve(), user).then(call));
          const end = await own.takeLease("prod", draft(2, user), dead);
          if ("inTheWay" in end) return "told";
          const by = { user, host: "laptop" };
          const begun = await own
            .begin("prod", 2, { kind: "deploy", ...intent, ...times, bundle, by })
            .catch((error: ThreadsError) => error.code);
          const state = await own.renewLease("prod", end.own, "");
          if (begun !== "DEPLOYMENT_TAKEN") return state === "held" ? "begun" : "lost";
          await own.endLease("prod", end.own, state === "held");
          return "told";
        };
        const all = Promise.all(["ada", "bob", "eve"].map(run));
        await scheduler.waitFor(all);
        const ends = await all;
        expect(ends.filter((end) => end !== "told")).toHaveLength(1);
        const left = await ledger.lease("prod");
        const holder = ["ada", "bob", "eve"][ends.indexOf("begun")];
        expect([undefined, holder]).toContain(left?.by.user);
      }),
      { numRuns: 60 },
    );
  });
});

/** A ledger of which each call waits for its turn. */
function ledgerOf(fake: FakeSsm, inTurn: <T>(call: () => Promise<T>) => Promise<T>): Ledger {
  const clients = fake.clients();
  const aws = {
    ...clients,
    ssm: async () => {
      const client = await clients.ssm();
      return new Proxy(client, {
        get: (target, key) =>
          key === "send"
            ? (command: Parameters<typeof client.send>[0], options: object) =>
                inTurn(() => target.send(command, options) as Promise<unknown>)
            : Reflect.get(target, key),
      });
    },
  };
  return parameterLedger({ aws, clock: hurriedClock(), app: "threads", version: "0.4.0", progress: silentProgress });
}
