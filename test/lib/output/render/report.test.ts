import { expect, test } from "vitest";
import { plainPaint } from "../../../../src/lib/output/paint.ts";
import { reportRenderer } from "../../../../src/lib/output/render/report.ts";
import { resultText } from "../../../../src/lib/output/summary/results.ts";
import { aReport } from "../page/reports.ts";

const render = reportRenderer(Date.parse("2026-11-28T09:31:00Z"));
const lines = (change = {}, columns?: number): string[] => render(aReport(change), plainPaint, columns);

test("a line for each step, its long phases below it, and what went wrong", () => {
  const said = lines();
  expect(said[0]).toBe("ceec8014909d: 6 runs on record in /app/.threads/runs");
  const steps = said.filter((line) => /^[✔✖?]/.test(line)).map((line) => line.replaceAll(/ {2,}/g, "  "));
  expect(steps).toEqual([
    "✔ test  passed  51 s (usually 50 s)  51 min ago  20261128-083001-test-000001",
    "✖ smoke  checks  1 min 2 s  41 min ago  20261128-083002-smoke-000002",
    "✔ smoke  passed  1 min 13 s (usually 50 s)  31 min ago  20261128-083003-smoke-000003",
    "✔ publish  passed  1 min 24 s (usually 50 s)  21 min ago  20261128-083004-publish-000004",
    "✔ deploy -e staging  deployed  1 min 35 s (usually 50 s)  11 min ago  20261128-083005-deploy-000005",
    "? promote  has no end  1 min ago  20261128-083006-promote-000006",
  ]);
  expect(said.filter((line) => line.includes("Start the stack"))).toHaveLength(5);
  expect(said).toContain("  20261128-083002-smoke-000002: web answers <500>");
});

test("a long name of a phase keeps nothing of its run off a narrow terminal", () => {
  const [run] = aReport().runs.slice(-2);
  const phases = [
    { phase: "Deploy 8e982ccc6b5a on web-1 (i-07cfe6ceee44bdcc0)", ok: true, tookMs: 62_000, usualMs: 30_000 },
  ];
  expect(lines({ runs: [{ ...run, phases }] }, 80).slice(1)).toEqual([
    "✔ deploy -e staging  deployed  1 min 35 s (usually 50 s)  11 min ago",
    "    1 min 2 s  Deploy 8e982ccc6b5a on web-1 (i-07cfe6ceee44bdcc0) (usually 30 s)",
  ]);
});

test("the page is named where one was written, and nothing is said to be nothing", () => {
  expect(lines({ report: "/tmp/report.html" })).toContain("report: /tmp/report.html");
  expect(lines({ outcome: "empty", runs: [], next: ["threads smoke"] })).toEqual([
    "no command has left a record in /app/.threads/runs yet",
    "  next: threads smoke",
  ]);
});

test("names of runs leave first where the terminal is narrow", () => {
  expect(lines({}, 70).filter((line) => line.includes("000005"))).toEqual([]);
});

test("a step of GitHub shows the same as a table", () => {
  const text = resultText("report", aReport());
  expect(text).toMatch(/^### `threads report`: what `ceec8014909d` went through\n/);
  expect(text).toContain("| ✖ `smoke` | checks | 1 min 2 s |  | web answers \\<500\\> |");
  expect(text).toContain("| ✔ `deploy -e staging` | deployed | 1 min 35 s | 50 s |  |");
  expect(resultText("report", aReport({ outcome: "empty", runs: [] }))).toContain("no command has left a record");
});
