import { afterEach, beforeEach, expect, test } from "vitest";
import type { Config } from "../../../src/lib/config/config.ts";
import { idleServices, runsRelease } from "../../../src/lib/fleet/judge.ts";
import type { MemberOrder, Observed, Target } from "../../../src/lib/fleet/target.ts";
import type { MemberVerdict } from "../../../src/lib/fleet/verdict.ts";
import type { Intent, RecordedRelease } from "../../../src/lib/ledger/ledger.ts";
import { hostCodes } from "../../../src/lib/script/host-codes.ts";

/** An environment to which nothing was deployed yet, and what may befall it. */
export interface TargetWorld {
  readonly target: Target;
  readonly runtime: Config["runtime"];
  /** The release of a word, which can be deployed. */
  release(word: string): RecordedRelease;
  /** The next order brings up what does not come up: by itself the member goes back, or stays half way. */
  breakNext(member: string, leaves: "old" | "half way"): void;
  /** Keeps the next order to this member at work until `go`; `begun` once it is. */
  hold(member: string): { readonly begun: Promise<unknown>; go(): void };
  /** What runs on the member begins to die again and again, or somebody puts another image there by hand. */
  spoil(member: string, how: "crash loop" | "drift"): void;
  /** Nothing reaches it any more. */
  unplug(member: string): void;
  /** As the world's signals of the same names. */
  cancelNow(): void;
  detach(): void;
  close(): Promise<void>;
}

/** What every target has to do, whatever it is made of: what the rollout above it relies on. */
export function testTarget(open: () => Promise<TargetWorld>): void {
  let world: TargetWorld;
  let members: readonly string[];
  let first: string;
  beforeEach(async () => {
    world = await open();
    members = (await world.target.members()).map(({ id }) => id);
    first = members[0] ?? "";
  });
  afterEach(() => world.close());

  const intent = (number: number, word: string): Intent => ({
    schema: 1,
    number,
    kind: "deploy",
    ...world.release(word),
    hosts: members,
    by: { user: "ada", host: "laptop" },
    startedAt: "2026-11-22T10:00:00.000Z",
    deadline: "2026-11-22T11:00:00.000Z",
    nonce: `nonce-${number}`,
  });
  const order = (of: Intent, change: Partial<MemberOrder> = {}): MemberOrder => ({
    intent: of,
    host: first,
    action: "deploy",
    migrate: undefined,
    limitMs: 60_000,
    stands: "old",
    asItWas: false,
    ...change,
  });
  const unseen = { update: () => undefined, done: () => undefined };
  const carryOut = (one: MemberOrder): Promise<MemberVerdict> => world.target.give([one])(one, unseen);
  const deploy = (number: number, word: string): Promise<MemberVerdict> => carryOut(order(intent(number, word)));
  const look = async (member = first): Promise<Observed> => {
    const all = await world.target.members();
    const seen = await world.target.look(all, new AbortController().signal);
    expect(seen.map(({ host }) => host.id)).toEqual(members);
    return seen[members.indexOf(member)]!;
  };
  const runs = async (word: string): Promise<boolean> => {
    const { summary } = await look();
    const absent = idleServices(world.runtime, first, members);
    return summary !== undefined && runsRelease(summary, { release: world.release(word), absent });
  };

  test("has members that can be asked, and that are known by their ids later", async () => {
    expect(members.length).toBeGreaterThan(0);
    expect((await world.target.members()).every(({ online }) => online)).toBe(true);
    expect((await world.target.former(members)).map(({ id }) => id).toSorted()).toEqual(members.toSorted());
    expect(world.target.minimum).toBeGreaterThan(0);
    expect(world.target.belongs).not.toBe("");
    await world.target.ready();
  });

  test("to which nothing was deployed says that it has nothing, and is at nothing", async () => {
    const { summary } = await look();
    expect(summary).toMatchObject({ docker: true, busy: false, current: undefined, weighed: undefined });
  });

  test("runs what it was told to, and says so by itself; who got no order is as he was", async () => {
    expect(await deploy(1, "one")).toMatchObject({ end: "done", state: "new", code: 0, says: "" });
    expect(await runs("one")).toBe(true);
    expect((await look()).summary).toMatchObject({ number: 1, current: { number: 1 } });
    for (const other of members.slice(1)) expect((await look(other)).summary?.current).toBeUndefined();
  });

  test("is told nothing before an order is carried out", async () => {
    const one = order(intent(1, "one"));
    const carry = world.target.give([one]);
    expect((await look()).summary).toMatchObject({ number: 0, current: undefined });
    await carry(one, unseen);
    expect(await runs("one")).toBe(true);
  });

  test("takes the same order once: again, it is done already", async () => {
    await deploy(1, "one");
    expect(await deploy(1, "one")).toMatchObject({ end: "done", state: "new" });
    expect((await look()).summary?.current?.number).toBe(1);
  });

  test("takes no older order after a newer one", async () => {
    await deploy(2, "two");
    expect(await deploy(1, "one")).toMatchObject({ end: "superseded", code: hostCodes.superseded.exit });
    expect(await runs("two")).toBe(true);
  });

  test("goes back by itself from what does not come up, and says why", async () => {
    await deploy(1, "one");
    world.breakNext(first, "old");
    const verdict = await deploy(2, "two");
    expect(verdict).toMatchObject({ end: "failed", state: "old" });
    expect(verdict.says).not.toBe("");
    expect(await runs("one")).toBe(true);
  });

  test("does not say what it serves where it stays half way, and can be brought back from there", async () => {
    await deploy(1, "one");
    world.breakNext(first, "half way");
    expect(await deploy(2, "two")).toMatchObject({ end: "failed", state: "unknown" });
    expect([await runs("one"), await runs("two")]).toEqual([false, false]);
    const restore = order(intent(2, "two"), { action: "restore", stands: "unknown" });
    expect(await carryOut(restore)).toMatchObject({ end: "done", state: "old" });
    expect(await runs("one")).toBe(true);
  });

  test("is brought back from a release that came up, to what it served before that deployment", async () => {
    await deploy(1, "one");
    await deploy(2, "two");
    const restore = order(intent(2, "two"), { action: "restore", stands: "new" });
    expect(await carryOut(restore)).toMatchObject({ end: "done", state: "old" });
    expect(await runs("one")).toBe(true);
  });

  test("goes back to a release that it had as it goes to any: by a deployment of its own", async () => {
    await deploy(1, "one");
    await deploy(2, "two");
    const back = order({ ...intent(3, "one"), kind: "rollback", rollbackOf: 2 }, { asItWas: true });
    expect(await carryOut(back)).toMatchObject({ end: "done", state: "new" });
    expect(await runs("one")).toBe(true);
    expect((await look()).summary?.current?.number).toBe(3);
  });

  test.each(["crash loop", "drift"] as const)("shows a %s of what runs, whatever is on record", async (how) => {
    await deploy(1, "one");
    world.spoil(first, how);
    expect(await runs("one")).toBe(false);
    expect((await look()).summary?.current?.number).toBe(1);
  });

  test("is back on what it served once an order is cancelled", async () => {
    await deploy(1, "one");
    const held = world.hold(first);
    const ended = deploy(2, "two");
    await held.begun;
    world.cancelNow();
    expect(await ended).toMatchObject({ end: "cancelled", state: "old" });
    held.go();
    expect(await runs("one")).toBe(true);
  });

  test("goes on by itself once nobody watches: it says that it is at work, and on what", async () => {
    await deploy(1, "one");
    const held = world.hold(first);
    const ended = deploy(2, "two");
    await held.begun;
    world.detach();
    expect(await ended).toMatchObject({ end: "left", state: "unknown" });
    expect((await look()).summary).toMatchObject({ busy: true, number: 2 });
    held.go();
    await expect.poll(() => runs("two")).toBe(true);
  });

  test("begins nothing for whoever has left before", async () => {
    world.detach();
    expect(await deploy(1, "one")).toMatchObject({ end: "left", state: "old" });
    expect((await look()).summary).toMatchObject({ number: 0, current: undefined });
  });

  test("refuses somebody else's order in the middle of another one, which comes to its end", async () => {
    await deploy(1, "one");
    const held = world.hold(first);
    const ended = deploy(2, "two");
    await held.begun;
    expect(await deploy(3, "three")).toMatchObject({ end: "failed", code: hostCodes.busy.exit });
    held.go();
    expect(await ended).toMatchObject({ end: "done", state: "new" });
    expect(await runs("two")).toBe(true);
  });

  test("that cannot be reached is silent, and no order to it is taken for one that came there", async () => {
    await deploy(1, "one");
    world.unplug(first);
    const seen = await look();
    expect(seen).toMatchObject({ summary: undefined, silence: expect.stringMatching(/./) });
    expect(await deploy(2, "two")).toMatchObject({ end: "failed", state: "old" });
  });
}
