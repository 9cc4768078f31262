import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { lock, type LockOptions } from "../../../../src/lib/actions/lock/run.ts";
import type { LockResult } from "../../../../src/lib/actions/lock/result.ts";
import { deadAfterMs } from "../../../../src/lib/ledger/lease.ts";
import { plainPaint } from "../../../../src/lib/output/paint.ts";
import { renderLock } from "../../../../src/lib/output/render/lock.ts";
import { Fleet, sha } from "../../../fakes/fleet.ts";
import { asPrinted } from "../../../fakes/results.ts";

let fleet: Fleet;
beforeEach(async () => {
  fleet = await Fleet.open(1);
});
afterEach(() => fleet.close());

const run = async (change: Partial<LockOptions> = {}): Promise<LockResult> => {
  const options = { environment: "prod", breaks: undefined, force: false, dryRun: false };
  return asPrinted("lock", await lock({ ...options, ...change }, fleet.freshPorts()));
};
const text = (result: LockResult): string => renderLock(result, plainPaint, undefined).join("\n");

async function held(quietMs: number): Promise<void> {
  const { ledger, author } = fleet.freshPorts();
  const draft = { kind: "deploy", number: 12, revision: sha("one"), by: author } as const;
  await ledger.takeLease("prod", draft, () => false);
  fleet.clock.advance(quietMs);
}

test("nobody has it, and nothing is there to break", async () => {
  expect(await run()).toEqual({ environment: "prod", outcome: "free", lease: null, next: [], advice: [] });
  expect(await run({ breaks: 12 })).toMatchObject({ outcome: "free" });
  expect(text(await run())).toBe("✔ Nobody is deploying to prod");
});

test("an environment that there is not is told, with the line that was meant", async () => {
  await expect(run({ environment: "prid", breaks: 12 })).rejects.toMatchObject({
    code: "UNKNOWN_ENVIRONMENT",
    next: expect.arrayContaining(["threads lock -e prod --break 12"]),
  });
});

describe("of one who lives", () => {
  beforeEach(() => held(3_000));

  test("it says who, since when and at what", async () => {
    const result = await run();
    expect(result).toMatchObject({
      outcome: "held",
      lease: { number: 12, by: { user: "ada" }, state: "alive" },
      next: [],
    });
    expect(text(result)).toMatch(
      /^prod is being deployed to\n {2}ada on laptop has the lease for \d s: deploy \w{12} \(#12\)\n {2}begins, \d s ago/,
    );
  });

  test("it is not broken unless forced, and then only that one", async () => {
    await expect(run({ breaks: 12 })).rejects.toMatchObject({ code: "LEASE_ALIVE", exitCode: 4 });
    await expect(run({ breaks: 11, force: true })).rejects.toMatchObject({ code: "LEASE_OF_ANOTHER", exitCode: 4 });
    expect(await run({ breaks: 12, force: true, dryRun: true })).toMatchObject({
      outcome: "planned",
      next: ["threads lock -e prod --break 12 --force"],
    });
    expect(await run({ breaks: 12, force: true })).toMatchObject({
      outcome: "broken",
      advice: ["deployment 12 was not stopped by that"],
    });
    expect(await run()).toMatchObject({ outcome: "free" });
  });
});

describe("of one who is gone", () => {
  beforeEach(() => held(deadAfterMs + 2_000));

  test("it says so, and how to break it; that can be looked at first", async () => {
    const result = await run();
    expect(result).toMatchObject({ outcome: "dead", next: ["threads lock -e prod --break 12"] });
    expect(text(result)).toContain("no sign of life for");
    expect(await run({ breaks: 12, dryRun: true })).toMatchObject({ outcome: "planned", lease: { number: 12 } });
    expect(text(await run({ breaks: 12, dryRun: true }))).toMatch(/^Would break the lease of prod/);
    expect(await run()).toMatchObject({ outcome: "dead" });
  });

  test("it is broken by its number", async () => {
    const result = await run({ breaks: 12 });
    expect(result).toMatchObject({ outcome: "broken", next: ["threads status -e prod"], advice: [] });
    expect(text(result)).toMatch(/^✔ Broke the lease of prod/);
    expect(await run()).toMatchObject({ outcome: "free" });
  });
});
