import { describe, expect, test } from "vitest";
import { changesAmong } from "../../../../src/lib/actions/metrics/changes.ts";
import { metrics, type MetricsPorts } from "../../../../src/lib/actions/metrics/run.ts";
import type { Deployment, DeploymentResult, HowFar } from "../../../../src/lib/ledger/ledger.ts";
import { plainPaint } from "../../../../src/lib/output/paint.ts";
import { renderMetrics } from "../../../../src/lib/output/render/metrics.ts";
import { aConfig } from "../../../fakes/config.ts";

const minute = 60_000;
const hour = 60 * minute;
const day = 24 * hour;
/** A Thursday. */
const now = Date.parse("2026-11-26T12:00:00Z");
const iso = (ms: number): string => new Date(ms).toISOString();

interface Told {
  readonly daysAgo: number;
  readonly lastsMs?: number;
  readonly release: string;
  /** `none` where its end was never written. */
  readonly result?: DeploymentResult | "none";
  readonly undoes?: number;
}

/** Newest first, as the ledger has them; its server's clock and not that of whoever deploys counts. */
function told(...oldestFirst: readonly Told[]): Deployment[] {
  const all = oldestFirst.map(({ daysAgo, lastsMs = minute, release, result = "succeeded", undoes }, index) => {
    const [number, began] = [index + 1, now - daysAgo * day];
    const elsewhere = iso(0);
    const intent = {
      schema: 1 as const,
      number,
      kind: undoes === undefined ? ("deploy" as const) : ("rollback" as const),
      revision: release,
      tree: release,
      bundle: { repository: "bundle", digest: `sha256:${release}` as const },
      images: {},
      hosts: ["i-1"],
      by: { user: "ada", host: "laptop" },
      startedAt: elsewhere,
      deadline: elsewhere,
      nonce: "n",
      ...(undoes !== undefined && { rollbackOf: undoes }),
    };
    if (result === "none") return { intent, outcome: undefined, recordedAt: iso(began) };
    const outcome = { schema: 1 as const, number, nonce: "n", result, hosts: [], finishedAt: elsewhere };
    return { intent, outcome, recordedAt: iso(began), endedAt: iso(began + lastsMs) };
  });
  return all.toReversed();
}

const failures = (...oldestFirst: readonly Told[]): unknown[] =>
  changesAmong(told(...oldestFirst), now).map(({ revision, failure }) => [
    revision,
    failure === undefined ? "well" : failure.until === undefined ? "open" : failure.until - failure.from,
  ]);

describe("a change", () => {
  test("is a release that did not run before: neither a repair nor a rollback, nor what switched nothing or goes on", () => {
    expect(
      failures(
        { daysAgo: 9, release: "a" },
        { daysAgo: 8, release: "a" },
        { daysAgo: 7, release: "b", result: "failed" },
        { daysAgo: 6, release: "b" },
        { daysAgo: 5, release: "a", undoes: 4 },
        { daysAgo: 4, release: "c", result: "paused" },
      ),
    ).toEqual([
      ["a", "well"],
      ["b", day],
    ]);
  });

  test("that every host went back from has failed for as long as it lasted", () => {
    expect(failures({ daysAgo: 2, lastsMs: 3 * minute, release: "a", result: "rolled-back" })).toEqual([
      ["a", 3 * minute],
    ]);
  });

  test.each(["partial", "interrupted", "none"] as const)("%s has failed until the next success", (result) => {
    expect(
      failures(
        { daysAgo: 9, release: "a" },
        { daysAgo: 2, release: "b", result },
        { daysAgo: 1.5, release: "c", result: "partial" },
        { daysAgo: 1, release: "b", lastsMs: minute },
        { daysAgo: 0.5, release: "d" },
      ),
    ).toEqual([
      ["a", "well"],
      ["b", day + minute],
      ["c", day / 2 + minute],
      ["b", "well"],
      ["d", "well"],
    ]);
  });

  test("that nothing has mended yet is open", () => {
    expect(failures({ daysAgo: 2, release: "a", result: "partial" })).toEqual([["a", "open"]]);
  });

  test("that is rolled back has failed from its end on; a rollback that did not succeed has restored nothing", () => {
    expect(
      failures(
        { daysAgo: 9, release: "a" },
        { daysAgo: 2, release: "b", lastsMs: hour },
        { daysAgo: 1.5, release: "a", undoes: 2, result: "partial" },
        { daysAgo: 1, release: "a", undoes: 2, lastsMs: minute },
      ),
    ).toEqual([
      ["a", "well"],
      ["b", day - hour + minute],
    ]);
  });
});

interface Asked {
  readonly between: string[];
  howFar: HowFar | undefined;
}

function world(deployments: readonly Deployment[], commits: Readonly<Record<string, readonly number[]>>) {
  const asked: Asked = { between: [], howFar: undefined };
  const ports: MetricsPorts = {
    config: aConfig({ environments: { prod: { hosts: { tag: "threads-env=prod" } } } }),
    ledger: {
      deploymentLog: async (_, howFar) => {
        asked.howFar = howFar;
        return { deployments, folded: [], unread: 0, unreadable: [], serverTime: now };
      },
    },
    source: {
      commitTimes: async (before, revision) => {
        asked.between.push(`${before ?? "nothing"}..${revision}`);
        return commits[revision]?.map((daysAgo) => iso(now - daysAgo * day));
      },
    },
  };
  return { ports, asked };
}

describe("threads metrics", () => {
  const deployments = told(
    { daysAgo: 100, release: "old" },
    { daysAgo: 16, release: "a", lastsMs: 0 },
    { daysAgo: 3, release: "b", lastsMs: 0 },
    { daysAgo: 2, release: "c", result: "rolled-back", lastsMs: 4 * minute },
    { daysAgo: 1, release: "d", lastsMs: 0 },
    { daysAgo: 0.5, release: "b", undoes: 5, lastsMs: 0 },
    { daysAgo: 0.25, release: "e", lastsMs: 0 },
  );
  const commits = { a: [17, 20], b: [4], d: [1.5, 2, 3] };

  test("counts what began in that time, and takes medians over commits and failures", async () => {
    const { ports, asked } = world(deployments, commits);
    const result = await metrics({ environment: "prod", since: "28d" }, ports);
    expect(asked.between).toEqual(["old..a", "a..b", "b..d", "b..e"]);
    expect(result).toMatchObject({
      outcome: "measured",
      since: "2026-10-29T12:00:00Z",
      total: {
        changes: 5,
        changesPerWeek: 1.25,
        failed: 2,
        failureRate: 0.4,
        // Of 0.5, 1, 1, 1, 2 and 4 days.
        leadTimeMs: day,
        commits: 6,
        // Of 4 minutes and half a day.
        restoreMs: (4 * minute + day / 2) / 2,
        unrestored: 0,
      },
      unknownReleases: 1,
      advice: [expect.stringContaining("does not have the commits of 1 release")],
    });
    expect(result.weeks.map(({ week, changes, failed, failureRate }) => [week, changes, failed, failureRate])).toEqual([
      ["2026-10-26", 0, 0, null],
      ["2026-11-02", 0, 0, null],
      ["2026-11-09", 1, 0, 0],
      ["2026-11-16", 0, 0, null],
      ["2026-11-23", 4, 2, 0.5],
    ]);
  });

  test("reads back until it knows what ran at the beginning of that time", async () => {
    const { ports, asked } = world(deployments, commits);
    await metrics({ environment: "prod", since: "28d" }, ports);
    const enough = (count: number): boolean =>
      typeof asked.howFar === "function" && asked.howFar({ deployments: deployments.slice(0, count), folded: [] });
    expect([enough(0), enough(6), enough(7)]).toEqual([false, false, true]);
  });

  test("is a line for each key, and one for each week", async () => {
    const { ports } = world(deployments, commits);
    const lines = renderMetrics(await metrics({ environment: "prod", since: "10d" }, ports), plainPaint, 80);
    expect(lines.join("\n")).toMatchInlineSnapshot(`
      "prod since 2026-11-16: 4 changes, 2.8 a week
        failed       2 of 4 (50 %)
        lead time    24 h from commit to serving, median of 4 commits
        restored in  6 h 2 min, median

      week of     changes  failed  lead time  restored in
      2026-11-23  4        2       24 h       6 h 2 min
        this clone does not have the commits of 1 release, whose lead time is not counted: git fetch, in a shallow clone with --unshallow"
    `);
  });

  test("says where there was none", async () => {
    const { ports } = world(told({ daysAgo: 100, release: "old" }), {});
    const result = await metrics({ environment: "prod", since: "30d" }, ports);
    expect(result).toMatchObject({ outcome: "empty", total: { leadTimeMs: null, failureRate: null, restoreMs: null } });
    expect(renderMetrics(result, plainPaint, 80)).toEqual(["nothing was brought to prod since 2026-10-27"]);
  });

  test.each(["90", "0d", "-1d", "a week", ""])("--since %j is no length of time", async (since) => {
    const { ports } = world([], {});
    await expect(metrics({ environment: "prod", since }, ports)).rejects.toMatchObject({
      code: "USAGE",
      next: ["threads metrics -e prod --since 90d"],
    });
  });
});
