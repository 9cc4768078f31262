import { afterEach, beforeEach, expect, test } from "vitest";
import { compact } from "../../../../src/lib/actions/history/compact.ts";
import type { CompactResult } from "../../../../src/lib/actions/history/result.ts";
import type { Config } from "../../../../src/lib/config/config.ts";
import { plainPaint } from "../../../../src/lib/output/paint.ts";
import { renderCompact } from "../../../../src/lib/output/render/history.ts";
import { silentProgress } from "../../../../src/lib/progress/progress.ts";
import { day, deployments, exec, type LedgerWorld, ledgerWorld, type Planted } from "../../ledger/world.ts";

const config = {
  environments: { prod: { name: "prod", hosts: { tag: "threads-env", value: "prod", minimum: 1 } } },
} as unknown as Config;

/** The server keeps seconds. */
const now = Math.floor(Date.now() / 1000) * 1000;
const nonce = (number: number): string => `e${String(number).padStart(15, "0")}`;
const execs = (first: number, last: number, daysAgo: number): Planted[] =>
  Array.from({ length: last - first + 1 }, (_, index) =>
    exec(nonce(first + index), now - daysAgo * day + (first + index) * 1000),
  );

let world: LedgerWorld | undefined;
let stop: AbortController;
beforeEach(() => {
  stop = new AbortController();
});
afterEach(() => close());

async function close(): Promise<void> {
  await world?.[Symbol.asyncDispose]();
  world = undefined;
}

async function open(planted: readonly Planted[]): Promise<LedgerWorld> {
  await close();
  world = await ledgerWorld(planted);
  return world;
}

const run = (dryRun = false): Promise<CompactResult> => {
  if (world === undefined) throw new Error("nothing is open");
  const { archive } = world;
  return compact({ environment: "prod", dryRun }, { config, archive, progress: silentProgress, signal: stop.signal });
};
const told = async ({ ledger }: LedgerWorld): Promise<unknown[]> =>
  (await ledger.execs("prod"))
    .map((one) => ({ ...one, at: Date.parse(one.at) }))
    .toSorted((one, other) => one.at - other.at);
const live = async ({ names }: LedgerWorld): Promise<string[]> =>
  (await names()).filter((name) => /\/execs\/[^/]+$/.test(name));

test("commands of more than a year ago are folded, ten into one record, and the history still tells them", async () => {
  const opened = await open([...execs(1, 23, 400), ...execs(24, 26, 10)]);
  const before = await told(opened);
  expect(before).toHaveLength(26);
  const result = await run();
  expect(result).toMatchObject({ outcome: "compacted", deployments: 0, execs: 20, records: 2, freed: 18 });
  expect(await live(opened)).toEqual([...execs(21, 23, 400), ...execs(24, 26, 10)].map(({ name }) => name));
  expect(await told(opened)).toEqual(before);
  expect(await run()).toMatchObject({ outcome: "nothing-to-compact", execs: 0, freed: 0 });
});

test("--dry-run counts them beside the deployments, and writes nothing", async () => {
  const past = { at: now - 400 * day };
  const { names } = await open([...deployments(1, 17, past), ...deployments(18, 30), ...execs(1, 10, 400)]);
  const before = await names();
  const result = await run(true);
  expect(result).toMatchObject({ outcome: "planned", deployments: 10, execs: 10, records: 2, freed: 28 });
  expect(renderCompact(result, plainPaint)).toEqual([
    "would fold 10 deployments and 10 commands of prod into 2 records: 28 parameters fewer",
  ]);
  expect(await names()).toEqual(before);
});

test("of long ones as many lie in a record as it has room for, and none is left out or cut", async () => {
  const long = { command: ["sh", "-c", "x".repeat(1_500)] };
  const planted = Array.from({ length: 9 }, (_, index) => exec(nonce(index), now - 400 * day + index * 1000, long));
  const opened = await open(planted);
  const before = await told(opened);
  // Two have room beside each other; of the ninth nobody knows yet whether more come.
  expect(await run()).toMatchObject({ execs: 8, records: 4, freed: 4 });
  expect(await told(opened)).toEqual(before);
});

test("broken off after any of its writes nothing is lost or told twice, and run again it finishes", async () => {
  const planted = execs(1, 20, 400);
  const first = await open(planted);
  const before = await told(first);
  first.gate.open();
  await run();
  const [writes, names] = [first.gate.calls.filter((call) => /^(?:Put|Delete)/.test(call)), await first.names()];
  expect(writes).toHaveLength(2 * 2);
  for (const call of writes) {
    const opened = await open(planted);
    opened.gate.open({ fault: { call, kind: "killed", times: 1 } });
    await expect(run()).rejects.toMatchObject({ name: "ThreadsError" });
    expect(opened.gate.met).toBe(true);
    opened.gate.open();
    expect(await told(opened)).toEqual(before);
    await run();
    expect(await opened.names()).toEqual(names);
    expect(await told(opened)).toEqual(before);
  }
});

test("a record that somebody else has put in their place deletes none of them", async () => {
  const planted = execs(1, 10, 400);
  const { names } = await open(planted);
  await run();
  const name = (await names()).find((one) => one.includes("/execs/folded/")) ?? "";
  const forged = { name, value: JSON.stringify({ schema: 1, execs: [] }), at: now };
  const opened = await open([...planted, forged]);
  await expect(run()).rejects.toMatchObject({ code: "FOLD_DIFFERS" });
  expect(await live(opened)).toHaveLength(10);
});

test("a parameter that is no record of a command is left alone", async () => {
  const odd = { name: "/threads/prod/execs/e000000000000000", value: "x", at: now - 500 * day };
  const opened = await open([odd, ...execs(1, 10, 400)]);
  expect(await run()).toMatchObject({ execs: 10, stoppedBy: null });
  expect(await live(opened)).toEqual([odd.name]);
});
