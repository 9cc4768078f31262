import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { compact } from "../../../../src/lib/actions/history/compact.ts";
import type { CompactResult, PastDeployment } from "../../../../src/lib/actions/history/result.ts";
import { history } from "../../../../src/lib/actions/history/run.ts";
import type { Config } from "../../../../src/lib/config/config.ts";
import { digestOf } from "../../../../src/lib/image/digest.ts";
import { encodeBlock, fold } from "../../../../src/lib/ledger/folded.ts";
import type { FoldedDeployment } from "../../../../src/lib/ledger/ledger.ts";
import { standing } from "../../../../src/lib/ledger/standing.ts";
import { plainPaint } from "../../../../src/lib/output/paint.ts";
import { renderCompact, renderHistory } from "../../../../src/lib/output/render/history.ts";
import { silentProgress } from "../../../../src/lib/progress/progress.ts";
import {
  day,
  deployment,
  deployments,
  folder,
  type LedgerWorld,
  ledgerWorld,
  type Planted,
} from "../../ledger/world.ts";

const past = (): { readonly at: number } => ({ at: Date.now() - 400 * day });
const config = {
  environments: { prod: { name: "prod", hosts: { tag: "threads-env", value: "prod", minimum: 1 } } },
} as unknown as Config;

let world: LedgerWorld;
let opened: LedgerWorld | undefined;
let stop: AbortController;
beforeEach(() => {
  stop = new AbortController();
});
afterEach(() => close());

async function open(planted: readonly Planted[]): Promise<void> {
  await close();
  world = opened = await ledgerWorld(planted);
}

async function close(): Promise<void> {
  await opened?.[Symbol.asyncDispose]();
  opened = undefined;
}

const run = (dryRun = false): Promise<CompactResult> => {
  const { archive } = world;
  return compact({ environment: "prod", dryRun }, { config, archive, progress: silentProgress, signal: stop.signal });
};
const told = async (): Promise<readonly PastDeployment[]> =>
  (await history({ environment: "prod", limit: 1_000, before: undefined }, { config, ledger: world.ledger }))
    .deployments;
const numbers = async (): Promise<number[]> => (await told()).map(({ number }) => number);
const facts = async (): Promise<unknown[]> =>
  (await told()).map(({ number, kind, revision, bundle, result, by, states }) => [
    number,
    kind,
    revision,
    bundle,
    result,
    by,
    states,
  ]);
const live = async (): Promise<string[]> => (await world.names()).filter((name) => /\/\d{6}(?:\/outcome)?$/.test(name));
const blocks = async (): Promise<string[]> => (await world.names()).filter((name) => name.includes("/folded/"));

describe("deployments of more than a year ago", () => {
  test("are folded, ten into one record, and the history still tells them", async () => {
    await open([...deployments(1, 27, past()), ...deployments(28, 40)]);
    const before = await facts();
    expect(await run()).toMatchObject({
      outcome: "compacted",
      environment: "prod",
      deployments: 20,
      records: 2,
      freed: 38,
      stoppedBy: null,
      next: [],
    });
    expect(await blocks()).toEqual([`${folder}/folded/000001-000010`, `${folder}/folded/000011-000020`]);
    expect(await live()).toHaveLength(40);
    expect(await facts()).toEqual(before);
    const lines = renderHistory(
      await history({ environment: "prod", limit: 5, before: 21 }, { config, ledger: world.ledger }),
      plainPaint,
    );
    expect(lines[1]).toMatch(/^20 .*deploy .*succeeded .*ada on laptop +1$/);
    expect(lines.at(-1)).toBe("older: threads history -e prod --before 16 --limit 5");
    expect(await run()).toMatchObject({ outcome: "nothing-to-compact", deployments: 0, freed: 0 });
  });

  test("are only counted by --dry-run", async () => {
    await open([...deployments(1, 27, past()), ...deployments(28, 40)]);
    const names = await world.names();
    const result = await run(true);
    expect(Object.keys(result)).toEqual([
      "environment",
      "outcome",
      "deployments",
      "execs",
      "records",
      "freed",
      "stoppedBy",
      "next",
      "advice",
      "observedAt",
    ]);
    expect(result).toMatchObject({ outcome: "planned", deployments: 20, records: 2, freed: 38 });
    expect(renderCompact(result, plainPaint)).toEqual([
      "would fold 20 deployments of prod into 2 records: 38 parameters fewer",
    ]);
    expect(await world.names()).toEqual(names);
  });

  test("are those that the server wrote down then, whatever their author's clock said", async () => {
    const wrong = { startedAt: "2001-01-01T00:00:00.000Z", deadline: "2001-01-01T00:10:00.000Z" };
    await open(deployments(1, 40, { intent: wrong }));
    expect(await run()).toMatchObject({ outcome: "nothing-to-compact" });
  });

  test("stay as long as one of their ten is younger", async () => {
    await open([...deployments(1, 9, past()), ...deployments(10, 40)]);
    expect(await run()).toMatchObject({ outcome: "nothing-to-compact" });
  });
});

describe("what a rollback hangs on", () => {
  const standingOf = async (): Promise<unknown> => {
    const { deployments: all, serverTime } = await world.ledger.deploymentLog("prod", Infinity);
    const { current, previous, unsettled } = standing(all, serverTime);
    return [current?.number, previous?.number, unsettled?.intent.number];
  };
  const same = (first: number, last: number, more: object = {}): Planted[] =>
    deployments(first, last, { ...past(), release: "same", ...more });

  test("stays, however old it is", async () => {
    await open([...deployments(1, 15, past()), ...same(16, 60)]);
    const before = await standingOf();
    expect(before).toEqual([60, 15, undefined]);
    // 12 to 15 are the three releases below what runs.
    expect(await run()).toMatchObject({ deployments: 10 });
    expect(await standingOf()).toEqual(before);
  });

  test("stays where the release that was rolled back to lies below", async () => {
    const back = { kind: "rollback", rollbackOf: 25 } as const;
    await open([
      ...deployments(1, 5, past()),
      ...same(6, 24),
      ...deployments(25, 25, past()),
      ...same(26, 26, { intent: back }),
      ...deployments(27, 60, { ...past(), result: "rolled-back", state: "old" }),
    ]);
    const before = await standingOf();
    expect(before).toEqual([26, 5, undefined]);
    await run();
    expect(await standingOf()).toEqual(before);
  });

  test("stays where without it a release would be gone back to that was rolled back", async () => {
    const back = { kind: "rollback", rollbackOf: 21 } as const;
    await open([
      ...same(1, 20),
      ...deployments(21, 21, past()),
      ...same(22, 22, { intent: back }),
      ...deployments(23, 60, { ...past(), result: "rolled-back", state: "old" }),
    ]);
    expect(await standingOf()).toEqual([22, undefined, undefined]);
    expect(await run()).toMatchObject({ deployments: 10 });
    expect(await standingOf()).toEqual([22, undefined, undefined]);
  });

  test("stays where hosts may still differ", async () => {
    await open([
      ...deployments(1, 5, past()),
      ...deployments(6, 6, { ...past(), result: "interrupted", state: "unknown" }),
      ...deployments(7, 60, { ...past(), result: "failed", state: "old" }),
    ]);
    expect(await run()).toMatchObject({ outcome: "nothing-to-compact" });
  });
});

test("broken off after any of its writes nothing is lost or told twice, and run again it finishes", async () => {
  const planted = [...deployments(1, 20, past()), ...deployments(21, 30)];
  await open(planted);
  const before = await facts();
  world.gate.open();
  await run();
  const [writes, names] = [world.gate.calls.filter((call) => /^(?:Put|Delete)/.test(call)), await world.names()];
  expect(writes).toHaveLength(2 * 3);
  for (const call of writes) {
    await open(planted);
    world.gate.open({ fault: { call, kind: "killed", times: 1 } });
    await expect(run()).rejects.toMatchObject({ name: "ThreadsError" });
    expect(world.gate.met).toBe(true);
    world.gate.open();
    expect(await facts()).toEqual(before);
    await run();
    expect(await world.names()).toEqual(names);
    expect(await facts()).toEqual(before);
  }
});

test("Ctrl-C ends it between two records", async () => {
  await open([...deployments(1, 30, past()), ...deployments(31, 40)]);
  world.gate.afterChange = (call) => {
    if (call.startsWith("PutParameter")) stop.abort(new Error("enough"));
    return Promise.resolve();
  };
  await expect(run()).rejects.toThrow("enough");
  expect(await blocks()).toHaveLength(1);
  expect(await live()).toHaveLength(60);
  expect(await numbers()).toHaveLength(40);
});

test("a parameter that is no record stops it, and is named", async () => {
  const spoilt = { name: `${folder}/000013`, value: "x", at: past().at };
  await open([...deployments(1, 12, past()), spoilt, ...deployments(14, 30, past()), ...deployments(31, 40)]);
  const result = await run();
  expect(result).toMatchObject({
    deployments: 10,
    stoppedBy: spoilt.name,
    next: [`aws ssm get-parameter --name ${spoilt.name}`],
  });
  expect(renderCompact(result, plainPaint)[1]).toBe(`${spoilt.name} is not a record: nothing newer is folded`);
});

test("a record that somebody else has put in the place of ten deletes none of them", async () => {
  const name = `${folder}/folded/000001-000010`;
  const another = { ...foldedOnce(), bundle: digestOf("another") };
  const forged = { name, value: encodeBlock([another], "0.4.0"), at: past().at };
  await open([...deployments(1, 20, past()), ...deployments(21, 30), forged]);
  expect(await run()).toMatchObject({ outcome: "nothing-to-compact", stoppedBy: name });
  expect(await live()).toHaveLength(60);
});

function foldedOnce(): FoldedDeployment {
  const [intent, outcome] = deployment(1, past()).map(({ value }) => JSON.parse(value));
  return fold({ intent, outcome });
}

test("ten with the longest names fit into a record, and none is left out", () => {
  const one = foldedOnce();
  const by = { user: "u".repeat(64), host: "h".repeat(64), runUrl: `https://github.com/${"o".repeat(200)}` };
  const ten = Array.from({ length: 10 }, (_, index) => ({
    ...one,
    number: 999_990 + index,
    kind: "rollback" as const,
    result: "interrupted" as const,
    by,
    hosts: { new: 100, old: 100, unknown: 100, untouched: 100 },
    rollbackOf: 999_989,
    supersedes: 999_989,
  }));
  const text = encodeBlock(ten, "100.100.100");
  expect(Buffer.byteLength(text)).toBeLessThanOrEqual(4_096);
  expect((JSON.parse(text) as { deployments: unknown[] }).deployments).toHaveLength(10);
});
