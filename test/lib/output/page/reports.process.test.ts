import { describe, expect, test } from "vitest";
import { metricsPage } from "../../../../src/lib/output/page/metrics-page.ts";
import { reportPage } from "../../../../src/lib/output/page/report-page.ts";
import { aReport, someMetrics } from "./reports.ts";
import { seenIn, sheetsOf } from "./seen-in.ts";

// In a real browser.

const pages = [
  { name: "of a train", page: reportPage(aReport(), "/app/report.html"), charts: 1 },
  { name: "of metrics", page: metricsPage(someMetrics()), charts: 3 },
];
const papers = { light: "rgb(251, 250, 248)", dark: "rgb(22, 21, 20)" };

describe.each(pages)("a page $name", ({ page, charts }) => {
  test.each([
    ["light", 1100],
    ["light", 390],
    ["dark", 1100],
    ["dark", 390],
  ] as const)("%s, %i wide: nothing for axe-core to mind, nothing beyond the edge", (scheme, width) => {
    const { passes, ...seen } = seenIn(page, { width, scheme });
    expect(seen).toEqual({ violations: [], overflows: false, paper: papers[scheme], charts });
    expect(passes).toBeGreaterThan(12);
  });

  test("on paper it takes few sheets", () => {
    const sheets = sheetsOf(page);
    expect(sheets).toBeGreaterThan(0);
    expect(sheets).toBeLessThanOrEqual(3);
  });
});
