import { createHash } from "node:crypto";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { parameterArchive } from "../../../src/lib/ledger/archive.ts";
import type { DeploymentOutcome, Intent, Ledger } from "../../../src/lib/ledger/ledger.ts";
import { hurriedClock } from "../../fakes/hurried-clock.ts";
import { partsOf } from "../../../src/lib/ledger/long-records.ts";
import type { FakeSsm } from "../../fakes/ssm.ts";
import { draft, openLedger } from "./open-ledger.ts";

let ssm: FakeSsm;
let ledger: Ledger;
beforeEach(async () => {
  ({ ssm, ledger } = await openLedger());
});
afterEach(() => ssm.close());

const folder = "/threads/prod/deployments";
/** Ids as AWS makes them: nothing of one says anything of another. */
const ids = (count: number): string[] =>
  Array.from({ length: count }, (_, n) => `i-${createHash("sha256").update(String(n)).digest("hex").slice(0, 17)}`);
const contracts = { added: ["posts/0002"], dropped: [] };
const names = (): string[] => [...ssm.parameters.store.keys()];
const newest = async (): Promise<{ intent: Intent; outcome: DeploymentOutcome | undefined } | undefined> =>
  (await ledger.deploymentLog("prod")).deployments[0];

function outcomeOf({ number, nonce, hosts, leftOut = [] }: Intent): DeploymentOutcome {
  const states = ["new", "old", "unknown", "untouched"] as const;
  const traffic = { requests: 12_345, failed: 0, longestGapMs: 12, p99BeforeMs: 34, p99AfterMs: 56 };
  return {
    schema: 1,
    number,
    nonce,
    result: "partial",
    hosts: [...hosts, ...leftOut].map((id) => ({
      id,
      state: states[Number.parseInt(id.slice(-1), 16) % 4] ?? "new",
      traffic,
    })),
    finishedAt: "2026-11-22T10:05:00.000Z",
    cause: { code: "HOSTS_DIFFER", message: "m".repeat(600) },
    timings: { pull: 1234, switch: 5678 },
  };
}

describe("a deployment to a thousand hosts", () => {
  test("comes back as it was begun and as it ended, but for what was measured", async () => {
    const all = ids(1_000);
    const intent = await ledger.begin("prod", 1, draft({ hosts: all.slice(20), leftOut: all.slice(0, 20), contracts }));
    expect((await newest())?.intent).toEqual(intent);
    const outcome = outcomeOf(intent);
    await ledger.finish("prod", outcome);
    const { hosts, cause, timings } = (await newest())?.outcome ?? {};
    expect(hosts).toEqual(outcome.hosts.map(({ id, state }) => ({ id, state })));
    expect([cause, timings]).toEqual([outcome.cause, outcome.timings]);
    for (const text of ssm.parameters.store.values()) expect(Buffer.byteLength(text)).toBeLessThanOrEqual(4096);
    // The same again, as after a lost reply.
    await ledger.finish("prod", outcome);
  });

  test("is read with one call more, beside others that have theirs", async () => {
    for (const number of [1, 2]) await ledger.begin("prod", number, draft({ hosts: ids(1_000) }));
    const before = ssm.count("GetParameters");
    expect((await ledger.deploymentLog("prod")).deployments.map(({ intent }) => intent.hosts.length)).toEqual([
      1_000, 1_000,
    ]);
    expect(ssm.count("GetParameters") - before).toBeLessThanOrEqual(8);
  });

  test("of two that begin it at once one is told who was first, and leaves nothing", async () => {
    await ledger.begin("prod", 1, draft({ hosts: ids(1_000) }));
    const kept = names();
    const other = ledger.begin("prod", 1, draft({ hosts: ids(900), by: { user: "bob", host: "pc" } }));
    await expect(other).rejects.toMatchObject({ code: "DEPLOYMENT_TAKEN", message: expect.stringContaining("ada") });
    expect(names()).toEqual(kept);
  });

  test("is nothing before its record names its parts, which lie there before it", async () => {
    const intent = await ledger.begin("prod", 1, draft({ hosts: ids(1_000) }));
    expect(names().findIndex((name) => name.includes("/parts/"))).toBeLessThan(names().indexOf(`${folder}/000001`));
    ssm.parameters.store.delete(`${folder}/000001`);
    expect(await newest()).toBeUndefined();
    await ledger.begin("prod", 1, draft({ hosts: intent.hosts }));
    expect((await newest())?.intent.hosts).toEqual(intent.hosts);
  });

  test.each(["gone", "another's"])("is no record where a part is %s", async (what) => {
    const intent = await ledger.begin("prod", 1, draft({ hosts: ids(1_000) }));
    const parts = names().filter((name) => name.includes("/parts/"));
    const others = partsOf(JSON.stringify({ ...intent, hosts: intent.hosts.toReversed() }));
    if (what === "gone") ssm.parameters.store.delete(parts[1] ?? "");
    else for (const [n, part] of parts.entries()) ssm.parameters.store.set(part, others[n] ?? "");
    await expect(newest()).rejects.toMatchObject({
      code: "LEDGER_UNREADABLE",
      message: `the ledger's parameter ${folder}/000001 is not a record`,
    });
  });
});

test("more hosts than any record can name are refused before anything is written", async () => {
  await expect(ledger.begin("prod", 1, draft({ hosts: ids(4_500) }))).rejects.toMatchObject({
    outcome: "refused",
    code: "RECORD_TOO_LARGE",
    advice: ["split the hosts of prod in threads.yml into environments with a tag each"],
  });
  expect(ssm.count("PutParameter")).toBe(0);
});

test("whatever is begun can be ended: the last number of hosts that is not refused", async () => {
  // Between those that fit and those that do not lies one number, which a few halvings find.
  let [number, fits, refused] = [1, 3_000, 4_500];
  while (refused - fits > 50) {
    const middle = Math.floor((fits + refused) / 2);
    const begun = await ledger.begin("prod", number, draft({ hosts: ids(middle) })).catch(() => undefined);
    if (begun === undefined) refused = middle;
    else {
      fits = middle;
      number += 1;
      await ledger.finish("prod", outcomeOf(begun));
    }
  }
  expect((await newest())?.outcome?.hosts).toHaveLength(fits);
});

test("what was in parts goes with it when it is folded", async () => {
  const [aws, clock] = [ssm.clients(), hurriedClock()];
  const archive = parameterArchive({ aws, clock, app: "threads", version: "0.4.0" });
  const year = 366 * 24 * 3_600_000;
  const now = Date.now();
  ssm.now = () => now - 2 * year;
  for (let number = 1; number <= 16; number += 1) {
    if (number > 10) ssm.now = () => now;
    const bundle = { repository: "threads/bundle", digest: `sha256:${String(number).padStart(64, "0")}` } as const;
    const intent = await ledger.begin("prod", number, draft({ bundle, hosts: ids(number === 3 ? 400 : 2) }));
    await ledger.finish("prod", { ...outcomeOf(intent), result: "succeeded" });
  }
  expect(names().filter((name) => name.includes("/parts/")).length).toBeGreaterThan(2);
  const [fold, ...others] = (await archive.look("prod")).folds;
  expect([fold?.deployments.length, others]).toEqual([10, []]);
  await archive.fold(fold!);
  expect(names().filter((name) => name.includes("/parts/") || name.includes("/000003"))).toEqual([]);
  expect((await ledger.deploymentLog("prod", Infinity)).folded[7]?.hosts).toEqual({
    new: expect.any(Number) as number,
    old: expect.any(Number) as number,
    unknown: expect.any(Number) as number,
    untouched: expect.any(Number) as number,
  });
  // Broken off after the intents, what is left of it is found again.
  ssm.parameters.store.set(`${folder}/000003/parts/0123456789abcdef/1`, "x");
  expect((await archive.look("prod")).folds.flatMap((one) => one.others)).toEqual([
    `${folder}/000003/parts/0123456789abcdef/1`,
  ]);
});
