import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { deploy } from "../../../../src/lib/actions/deploy/run.ts";
import { rollback } from "../../../../src/lib/actions/rollback/run.ts";
import type { RehearsePorts, Stage } from "../../../../src/lib/actions/rehearse/ports.ts";
import type { RehearseResult } from "../../../../src/lib/actions/rehearse/result.ts";
import { rehearse, type RehearseOptions } from "../../../../src/lib/actions/rehearse/run.ts";
import type { RunLoad, Second } from "../../../../src/lib/load/load.ts";
import type { SeenLock } from "../../../../src/lib/sandbox/lock-watch.ts";
import { aConfig } from "../../../fakes/config.ts";
import { Fleet, sha } from "../../../fakes/fleet.ts";
import { asPrinted } from "../../../fakes/results.ts";

// Two worlds of simulated hosts: production, of which only the ledger is asked, and the sandbox, in which all is done.

let real: Fleet;
let there: Fleet;
let closed: number;
let locks: SeenLock[] | null;
/** Of the load's quarters of a second. */
let slices: Second[];
const config = aConfig({ stress: { requests: [{ path: "/" }] } });
const well: Second = { requests: 5, errors: 0, p50Ms: 9, p99Ms: 20, maxMs: 30 };

beforeEach(async () => {
  [real, there] = await Promise.all([Fleet.open(2), Fleet.open(2)]);
  for (const fleet of [real, there])
    for (const word of ["one", "two"]) {
      fleet.migrations.set(word, [{ name: `posts.${word}`, kind: "expand" }]);
      fleet.publish(word, true, word, true);
    }
  await deploy(deploymentOf(sha("one")), real.freshPorts());
  for (const host of real.hosts) host.seen.length = 0;
  closed = 0;
  locks = [];
  slices = Array.from({ length: 60 }, () => well);
});
afterEach(() => Promise.all([real.close(), there.close()]));

const deploymentOf = (release: string) => ({
  environment: "prod",
  release,
  dryRun: false,
  force: false,
  supersede: undefined,
});

const runLoad: RunLoad = (load, { signal, enough }) =>
  new Promise((resolve) => {
    const sum = (of: "requests" | "errors"): number => slices.reduce((all, slice) => all + slice[of], 0);
    const end = (): void =>
      resolve({
        total: { requests: sum("requests"), errors: sum("errors"), p50Ms: 9, p90Ms: 12, p99Ms: 20, maxMs: 30 },
        targets: load.targets.map(() => ({ ...well, p90Ms: 12, seconds: [] })),
        requests: load.requests.map(() => ({ ...well, p90Ms: 12 })),
        latencies: [],
        errors: sum("errors") === 0 ? [] : [{ says: "status 500", count: sum("errors") }],
        releases: {},
        seconds: slices,
        lateMs: 1,
        tookMs: slices.length * 250,
      });
    for (const ended of [signal, enough]) ended?.addEventListener("abort", end);
  });

function stage(change: Partial<Stage> = {}): Stage {
  const common = { ...there.ports(), lineage: there.ports().lineage };
  return {
    places: there.hosts.map(({ id }) => ({ host: id, url: "http://127.0.0.1:1" })),
    deploy: (revision) => deploy(deploymentOf(revision), common),
    rollback: () => rollback({ environment: "prod", dryRun: false, supersede: undefined }, common),
    stepsOf: (number) =>
      Promise.resolve(number === 2 ? [{ host: "prod-1", step: "migrate", at: there.clock.now() - 1_000 }] : []),
    watch: () => ({ stop: async () => ({ locks, memory: [{ host: "prod-1", atFirst: 100, most: 180 }] }) }),
    close: async () => {
      closed += 1;
    },
    ...change,
  };
}

function ports(change: Partial<RehearsePorts> = {}, of: Partial<Stage> = {}): RehearsePorts {
  return {
    ...real.ports(),
    config: { ...real.config(), stress: config.stress },
    openStage: () => Promise.resolve(stage(of)),
    runLoad,
    freeBytes: () => 2 ** 33,
    version: "1.0.0",
    clock: there.clock,
    ...change,
  };
}

const options = (change: Partial<RehearseOptions> = {}): RehearseOptions => ({
  environment: "prod",
  release: sha("two"),
  dryRun: false,
  ...change,
});
const run = async (given: Partial<RehearseOptions> = {}, of = ports()): Promise<RehearseResult> =>
  asPrinted("rehearse", await rehearse(options(given), of));
const recorded = (): [string, Record<string, unknown>][] =>
  [...real.ssm.parameters.store].flatMap(([name, text]) =>
    name.includes("/evidence/")
      ? [[name, JSON.parse(text) as Record<string, unknown>] as [string, Record<string, unknown>]]
      : [],
  );

test("what kept all limits is on record under the candidate's digest, with what it was over", async () => {
  const result = await run();
  const [over, bundle] = ["one", "two"].map((word) => real.bundle(sha(word)).digest);
  expect(result).toMatchObject({
    outcome: "passed",
    says: "",
    recorded: true,
    from: { deployment: 1, revision: sha("one"), bundle: over },
    to: { revision: sha("two"), bundle },
    total: { requests: 300, errors: 0 },
    locks: [],
    memory: { beforeBytes: 100, mostBytes: 180 },
    last: { number: 1, revision: sha("one") },
    next: [`threads promote ${sha("two")} -e prod`],
  });
  const parts = "phases" in result ? result.phases.map(({ part, step }) => `${part} ${step}`.trim()) : [];
  expect(parts).toEqual(expect.arrayContaining(["before", "deploy migrate", "served", "rollback", "after"]));
  expect(recorded()).toMatchObject([
    [
      `/threads/evidence/${sha("two")}/${bundle?.slice("sha256:".length)}/rehearse/prod`,
      {
        kind: "rehearse",
        environment: "prod",
        rehearsal: { over, lockMs: 0 },
        load: { rate: 20, requests: 300, errors: 0 },
      },
    ],
  ]);
  // All of it happened there, and nothing here.
  expect(real.hosts.map(({ seen }) => seen)).toEqual([[], []]);
  expect(real.revisions("one", "two")).toEqual(["one", "one"]);
  expect(there.revisions("one", "two")).toEqual(["one", "one"]);
  expect([...there.ssm.parameters.store.keys()].filter((name) => /deployments\/\d+$/.test(name))).toHaveLength(3);
  expect(closed).toBe(1);
});

test("what was not kept is told with its cause, and is not on record", async () => {
  slices = slices.map((slice, place) => (place > 15 ? { ...slice, errors: 1 } : slice));
  const result = await run();
  expect(result).toMatchObject({
    outcome: "failed",
    recorded: false,
    says: expect.stringContaining("requests (status 500)"),
    next: [`threads rehearse ${sha("two")} -e prod`],
  });
  expect(recorded()).toEqual([]);
  expect(closed).toBe(1);
});

test("a lock that was held while the migration was at work is told, another one is not", async () => {
  const now = there.clock.now();
  const lock = { mode: "AccessExclusiveLock", waiting: 2 };
  locks = [{ ...lock, table: "early", fromMs: now - 60_000, toMs: now - 55_000 }];
  const of = {
    stepsOf: (number: number) => {
      const at = there.clock.now() - 10;
      if (number !== 2) return Promise.resolve([]);
      locks?.push({ ...lock, table: "posts", fromMs: at, toMs: at + 4_000 });
      return Promise.resolve([{ host: "prod-1", step: "migrate", at }]);
    },
  };
  expect(await run({}, ports({}, of))).toMatchObject({
    outcome: "failed",
    says: "posts.two locks the table posts for 4.0 s (AccessExclusiveLock), and 2 others waited for it: more than 1.0 s",
    locks: [{ table: "posts", mode: "AccessExclusiveLock", heldMs: 4_000, waiting: 2 }],
  });
});

test("a candidate that does not come up is found, and nothing is rolled back any more", async () => {
  let rolledBack = 0;
  const of: Partial<Stage> = {
    deploy: (revision) => {
      if (revision === sha("two")) there.hosts[0]!.behaviours.push({ code: 15, serves: "old" });
      return deploy(deploymentOf(revision), there.freshPorts());
    },
    rollback: () => {
      rolledBack += 1;
      return Promise.reject(new Error("nobody asked for that"));
    },
  };
  const result = await run({}, ports({}, of));
  expect(result).toMatchObject({
    outcome: "failed",
    says: expect.stringMatching(new RegExp(`^${sha("two").slice(0, 12)} does not come up: `)),
  });
  expect(rolledBack).toBe(0);
});

test("where nobody can see locks, that is no lock of no length", async () => {
  locks = null;
  expect(await run()).toMatchObject({ outcome: "passed", locks: null });
  expect(recorded()[0]?.[1]).toMatchObject({ rehearsal: { lockMs: null } });
});

test("behind a migration that contracts nothing is rolled back", async () => {
  for (const fleet of [real, there]) {
    fleet.migrations.set("three", [{ name: "posts.three", kind: "contract" }]);
    fleet.publish("three", true, "three", true);
  }
  expect(await run({ release: sha("three") })).toMatchObject({
    outcome: "passed",
    noRollback: "posts.three contracts: prod would not be rolled back either",
  });
  expect(there.revisions("one", "three")).toEqual(["three", "three"]);
});

describe("nothing stays", () => {
  test("where what runs now does not come up there", async () => {
    there.hosts[0]!.behaviours.push({ code: 15, serves: "old" });
    await expect(run()).rejects.toMatchObject({
      code: "STAGE_NOT_SET",
      outcome: "refused",
      message: expect.stringContaining(`${sha("one").slice(0, 12)}, which prod runs, does not come up in a sandbox: `),
    });
    expect(closed).toBe(1);
    expect(recorded()).toEqual([]);
  });

  test("of one that somebody has ended", async () => {
    const of: Partial<Stage> = {
      rollback: () => {
        real.press();
        return Promise.reject(real.interrupt.signal.reason as Error);
      },
    };
    await expect(run({}, ports({}, of))).rejects.toMatchObject({ code: "INTERRUPTED" });
    expect(closed).toBe(1);
    expect(recorded()).toEqual([]);
  });
});

describe("nothing is begun", () => {
  const untouched = (change: Partial<RehearsePorts> = {}): RehearsePorts =>
    ports({ ...change, openStage: () => Promise.reject(new Error("nobody asked for that")) });

  test("where somebody only wants to know what would be", async () => {
    expect(await run({ dryRun: true, rate: 5 }, untouched())).toMatchObject({
      outcome: "planned",
      hosts: { count: 2, there: 2, says: "" },
      strategy: "slots",
      rate: 5,
      budget: "errors=0",
      next: [`threads rehearse ${sha("two")} -e prod --rate 5`],
    });
  });

  test("where the release runs already, or nothing ever ran", async () => {
    await expect(run({ release: sha("one") }, untouched())).rejects.toMatchObject({ code: "NOTHING_TO_REHEARSE" });
    await expect(run({ environment: "staging" }, untouched())).rejects.toMatchObject({
      code: "NOTHING_DEPLOYED",
      next: ["threads deploy -e staging HEAD"],
    });
  });

  test("where what runs is no longer in the registry", async () => {
    const { digest } = real.bundle(sha("one"));
    for (const [name, { digest: there }] of real.manifests) if (there === digest) real.manifests.delete(name);
    await expect(run({}, untouched())).rejects.toMatchObject({ code: "IMAGE_GONE" });
  });
});
