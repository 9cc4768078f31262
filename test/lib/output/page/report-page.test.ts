import { expect, test } from "vitest";
import { reportPage } from "../../../../src/lib/output/page/report-page.ts";
import { asPrinted } from "../../../fakes/results.ts";
import { attribute, isWide, readPage, textOf } from "./read-page.ts";
import { aReport } from "./reports.ts";

const { faults, of, texts, restless, elements } = readPage(
  reportPage(asPrinted("report", aReport()), "/app/pages/report.html"),
);

test("a page is HTML without a fault, fetches nothing, and runs nothing; what others say is text", () => {
  expect({ faults, restless }).toEqual({ faults: [], restless: [] });
  expect(textOf(of("style")[0]!)).not.toMatch(/url\(|@import/);
  expect(elements.filter(({ tagName }) => tagName === "web")).toEqual([]);
  expect(texts("p", "broken")).toEqual(["web answers <500>"]);
  expect(texts("th")).toContain("Build <web> & co");
});

test("each step has its bar where those before it ended, by how it went, and a mark where it usually ends", () => {
  const bars = of("rect").filter(isWide);
  expect(bars.map((one) => attribute(one, "class"))).toEqual(["good", "bad", "good", "good", "good", "open"]);
  const [first, second] = bars.map((one) => [Number(attribute(one, "x")), Number(attribute(one, "width"))] as const);
  expect(second![0]).toBeCloseTo(first![0] + first![1], 0);
  // Of 51 s and 62 s.
  expect(second![1] / first![1]).toBeCloseTo(62 / 51, 1);
  expect(of("line", "usual").filter(isWide)).toHaveLength(5);
});

test("what it took stands beside what it usually takes, and the time between in words", () => {
  expect(texts("h1")).toEqual(["ceec8014909d promote: has no end"]);
  expect(texts("h2").slice(1)).toEqual([
    "test passed",
    "smoke checks",
    "smoke passed",
    "publish passed",
    "deploy -e staging passed".replace("passed", "deployed"),
    "promote has no end",
  ]);
  expect(texts("p")).toEqual(
    expect.arrayContaining([
      "28 Nov 2026 08:40 UTC · 51 s, usually 50 s",
      "28 Nov 2026 08:50 UTC, 9 min after test · 1 min 2 s",
      "28 Nov 2026 09:30 UTC, 8 min after deploy -e staging · has no end",
    ]),
  );
  expect(texts("svg", "wide")[0]).toContain("6 steps one after another");
});

test("links lead to the logs from where the page lies, and to the job", () => {
  const links = of("a").map((one) => attribute(one, "href"));
  expect(links.slice(0, 3)).toEqual(
    ["events.ndjson", "run.json", "logs/web%201%23.log"].map(
      (file) => `../.threads/runs/20261128-083001-test-000001/${file}`,
    ),
  );
  expect(links).toContain("https://github.com/o/r/actions/runs/1");
  const ids = elements.flatMap((one) => attribute(one, "id") ?? []);
  expect(new Set(ids).size).toBe(ids.length);
});

test("one run of which no release is known is a page as well", () => {
  const [run] = aReport().runs;
  const page = readPage(reportPage(aReport({ revision: null, runs: [{ ...run!, phases: [] }] }), "/r.html"));
  expect(page.faults).toEqual([]);
  expect(page.texts("h1")).toEqual(["One run test: passed"]);
});
