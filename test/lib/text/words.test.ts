import { expect, test } from "vitest";
import { ago, are, count, dated, list, mebibytes, percent, span, took, utc } from "../../../src/lib/text/words.ts";

test.each([
  [40, "0.0 s"],
  [9_949, "9.9 s"],
  [9_950, "10 s"],
  [59_400, "59 s"],
  [59_600, "1 min 0 s"],
  [185_000, "3 min 5 s"],
  [7_199_000, "119 min 59 s"],
  [7_500_000, "2 h 5 min"],
])("what took %i ms took %s", (ms, text) => expect(took(ms)).toBe(text));

test.each([
  [0, "0 s"],
  [119_001, "2 min"],
  [1_000, "1 s"],
  [12 * 60_000 - 1, "12 min"],
  [3 * 3_600_000, "3 h"],
  [200 * 60_000, "3 h 20 min"],
  [52 * 3_600_000, "2 d 4 h"],
])("a time of %i ms is %s, and is over when it says so", (ms, text) => expect(span(ms)).toBe(text));

test.each([
  [10_000, "just now"],
  [5 * 60_000, "5 min ago"],
  [3 * 3_600_000, "3 h ago"],
  [72 * 3_600_000, "3 d ago"],
])("%i ms ago reads %s", (ms, text) => expect(ago(ms)).toBe(text));

test("a moment is told to the second", () => {
  expect(utc(Date.parse("2026-11-22T12:45:00.999Z"))).toBe("2026-11-22T12:45:00Z");
});

test("one thing is, others are", () => {
  expect([0, 1, 2].map((number) => `${count(number, "check")} ${are(number)}`)).toEqual([
    "0 checks are",
    "1 check is",
    "2 checks are",
  ]);
});

test("names are listed as people do", () => {
  expect([[], ["web"], ["web", "nginx"], ["web", "celery", "nginx"]].map(list)).toEqual([
    "",
    "web",
    "web and nginx",
    "web, celery and nginx",
  ]);
});

test("a moment is told with its zone where people may sit anywhere", () => {
  expect(dated("2026-11-02T09:05:06.789Z")).toBe("2 Nov 2026 09:05 UTC");
  expect(dated("nonsense")).toBe("nonsense");
});

test.each([
  [0, "0 %"],
  [0.44, "0.4 %"],
  [9.94, "9.9 %"],
  [9.95, "10 %"],
  [163.4, "163 %"],
])("%d of a hundred is %j", (value, text) => {
  expect(percent(value)).toBe(text);
});

test.each([
  [0, "0 MiB"],
  [1_572_864, "1.5 MiB"],
  [161_480_704, "154 MiB"],
])("%d bytes are %j", (bytes, text) => {
  expect(mebibytes(bytes)).toBe(text);
});
