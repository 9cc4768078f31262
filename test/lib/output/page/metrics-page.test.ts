import { expect, test } from "vitest";
import { metricsPage } from "../../../../src/lib/output/page/metrics-page.ts";
import { asPrinted } from "../../../fakes/results.ts";
import { attribute, isWide, readPage, textOf } from "./read-page.ts";
import { someMetrics } from "./reports.ts";

const { faults, of, texts, restless } = readPage(metricsPage(asPrinted("metrics", someMetrics())));

test("a page is HTML without a fault, fetches nothing, and runs nothing", () => {
  expect({ faults, restless }).toEqual({ faults: [], restless: [] });
});

test("the four keys stand in it, and each week since the first change has its bars", () => {
  expect(texts("dd")).toEqual(["40 3.1 a week", "5 % 2 of 40", "7 h of 117 commits", "13 min"]);
  const bars = (kind: string) => of("rect", kind).filter(isWide);
  expect(bars("bad").map(textOf)).toEqual([
    "week of 2026-10-05: 1 failed",
    "week of 2026-11-02: 1 failed",
    "week of 2026-11-30: 1 failed",
  ]);
  // Eleven weeks: what went well, the lead times, and two failures that were mended.
  const [changes, lead] = [
    bars("good").filter((one) => textOf(one).includes("went well")),
    bars("good").filter((one) => textOf(one).includes(" h")),
  ];
  expect([changes.length, lead.length]).toEqual([11, 11]);
  expect(of("tbody")[0]!.childNodes.filter((one) => "tagName" in one)).toHaveLength(11);
  expect(texts("svg", "wide").map((text) => text.split(".")[0])).toEqual([
    "Changes week by week, at most 7: 3 failed in 11 weeks",
    "Median time from a commit until it served, week by week: at most 15 h, in 11 weeks of 11",
    "Median time from a failure until hosts ran one release again, week by week: at most 21 min, in 3 weeks of 11",
  ]);
});

test("bars that fail stand below those that went well", () => {
  const bars = of("rect").filter(isWide);
  const bad = bars.find((one) => attribute(one, "class") === "bad")!;
  const above = bars.find((one) => attribute(one, "x") === attribute(bad, "x") && one !== bad)!;
  const [top, height] = ["y", "height"].map((name) => Number(attribute(above, name)));
  expect(top! + height!).toBeCloseTo(Number(attribute(bad, "y")), 0);
});

test("of an environment to which nothing was brought there is a page as well", () => {
  const none = {
    changes: 0,
    changesPerWeek: 0,
    failed: 0,
    failureRate: null,
    leadTimeMs: null,
    commits: 0,
    restoreMs: null,
    unrestored: 0,
  };
  const page = readPage(
    metricsPage(someMetrics({ outcome: "empty", total: none, weeks: [{ week: "2026-11-23", ...none }] })),
  );
  expect(page.faults).toEqual([]);
  expect(page.texts("p")).toContain("Nothing was brought to it in that time.");
});

test("where nothing is known of a time, that is said", () => {
  const weeks = someMetrics().weeks.map((week) => ({ ...week, restoreMs: null }));
  expect(readPage(metricsPage(someMetrics({ weeks }))).texts("p")).toContain("Not known of any week.");
});
