import { describe, expect, test } from "vitest";
import { stressPage } from "../../../../src/lib/output/page/stress-page.ts";
import { aStressResult } from "./results.ts";
import { seenIn, sheetsOf } from "./seen-in.ts";

// In a real browser.

const page = stressPage(aStressResult());
const papers = { light: "rgb(251, 250, 248)", dark: "rgb(22, 21, 20)" };

describe.each(["light", "dark"] as const)("%s", (scheme) => {
  test.each([
    ["a desk", 1100],
    ["a telephone", 390],
  ])("on %s: nothing for axe-core to mind, nothing beyond the edge, each chart once", (_, width) => {
    const { passes, ...seen } = seenIn(page, { width, scheme });
    expect(seen).toEqual({ violations: [], overflows: false, paper: papers[scheme], charts: 8 });
    expect(passes).toBeGreaterThan(15);
  });
});

test("axe-core does mind what nobody could read (a probe)", () => {
  const pale = page.replace("--soft: #5f5b57", "--soft: #d8d5d0");
  expect(pale).not.toBe(page);
  const { violations } = seenIn(pale, { width: 1100, scheme: "light" });
  expect(violations.filter((one) => one.startsWith("color-contrast:")).length).toBeGreaterThan(3);
});

test("on paper it takes few sheets", () => {
  const sheets = sheetsOf(page);
  expect(sheets).toBeGreaterThan(0);
  expect(sheets).toBeLessThanOrEqual(3);
});

test("on paper, which cannot be scrolled, nothing is wider than a sheet, however long a path is", () => {
  const { total } = aStressResult();
  const long = stressPage(aStressResult({ byRequest: [{ method: "GET", path: `/${"long".repeat(40)}`, ...total }] }));
  const onPaper = long.replaceAll("@media print", "@media all");
  expect(onPaper).not.toBe(long);
  // A4 without its margins, at 96 dots an inch.
  expect(seenIn(onPaper, { width: 718, scheme: "light" })).toMatchObject({ violations: [], overflows: false });
});
