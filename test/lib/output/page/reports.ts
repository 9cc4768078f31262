import type { MetricsResult, Week } from "../../../../src/lib/actions/metrics/result.ts";
import type { ReportedRun, ReportResult } from "../../../../src/lib/actions/report/result.ts";

const revision = "ceec8014909d".padEnd(40, "0");

/** A train of six steps, of which one failed and one is still at work. */
export function aReport(change: Partial<ReportResult> = {}): ReportResult {
  const step = (n: number, command: string, more: Partial<ReportedRun> = {}): ReportedRun => ({
    run: `20261128-08300${n}-${command}-00000${n}`,
    command,
    environment: null,
    outcome: "passed",
    exitCode: 0,
    says: null,
    startedAt: new Date(Date.parse("2026-11-28T08:30:00Z") + n * 600_000).toISOString(),
    tookMs: 40_000 + n * 11_000,
    usualMs: 50_000,
    phases: [
      { phase: `Build <web> & co`, ok: true, beganMs: 100, tookMs: 21_000, usualMs: 20_000 },
      { phase: "Start the stack", ok: true, beganMs: 21_100, tookMs: 9_000, usualMs: null },
    ],
    files: ["events.ndjson", "run.json", "logs/web 1#.log"],
    url: null,
    ...more,
  });
  const broken = { outcome: "checks", exitCode: 5, says: "web answers <500>" };
  return {
    outcome: "reported",
    revision,
    folder: "/app/.threads/runs",
    runs: [
      step(1, "test"),
      step(2, "smoke", { ...broken, usualMs: null }),
      step(3, "smoke"),
      step(4, "publish", { phases: [], url: "https://github.com/o/r/actions/runs/1" }),
      step(5, "deploy", { environment: "staging", outcome: "deployed" }),
      step(6, "promote", { outcome: null, exitCode: null, tookMs: null }),
    ],
    report: null,
    next: [],
    advice: [],
    ...change,
  };
}

/** Thirteen weeks, the first two without a change. */
export function someMetrics(change: Partial<MetricsResult> = {}): MetricsResult {
  const weeks = Array.from({ length: 13 }, (_, n): Week => {
    const [changes, failed] = n < 2 ? [0, 0] : [1 + ((n * 5) % 7), n % 4 === 0 ? 1 : 0];
    return {
      week: new Date(Date.parse("2026-09-07") + n * 7 * 86_400_000).toISOString().slice(0, 10),
      changes,
      changesPerWeek: changes,
      failed,
      failureRate: changes === 0 ? null : failed / changes,
      leadTimeMs: changes === 0 ? null : (n + 3) * 3_600_000,
      commits: changes,
      restoreMs: failed === 0 ? null : 540_000 + n * 60_000,
      unrestored: 0,
    };
  });
  const { week: _, ...fifth } = weeks[4]!;
  const total = { ...fifth, changes: 40, changesPerWeek: 3.1, failed: 2, failureRate: 0.05, commits: 117 };
  return {
    outcome: "measured",
    environment: "prod",
    since: "2026-09-07T00:00:00Z",
    total,
    weeks,
    unknownReleases: 0,
    report: null,
    next: [],
    advice: [],
    observedAt: "2026-11-28T08:30:00Z",
    ...change,
  };
}
