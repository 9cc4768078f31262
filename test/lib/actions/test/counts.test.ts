import { beforeEach, expect, test } from "vitest";
import { countsOf } from "../../../../src/lib/actions/test/counts.ts";
import type { BringReports, Reports } from "../../../../src/lib/suites/reports.ts";

// What `threads test` makes of what the suites left, whatever became of it: the exit code is the verdict.

let told: string[];
let interrupt: AbortController;
beforeEach(() => {
  told = [];
  interrupt = new AbortController();
});

const counts = { tests: 3, skipped: 1, failed: [] };
const brought = (change: Partial<Reports> = {}) =>
  Promise.resolve({ files: ["junit.xml", "html/index.html"], counts, unsaved: undefined, ...change });
const counted = (reports: BringReports, to?: string) =>
  countsOf({ container: "c", from: "/tmp/reports", to }, "web-test", {
    reports,
    progress: { note: (text) => void told.push(text), warn: (text) => void told.push(`! ${text}`) },
    signal: interrupt.signal,
  });

test("is counted, and told of where it was to be brought out", async () => {
  expect(await counted(() => brought())).toEqual(counts);
  expect(told).toEqual([]);
  expect(await counted(() => brought(), "/here")).toEqual(counts);
  expect(told).toEqual(["junit.xml, html/index.html in /here"]);
});

test.each<[string, BringReports, string]>([
  [
    "is nothing",
    () => Promise.resolve(undefined),
    "! the suites left nothing in /tmp/reports of web-test; a tmpfs goes with its container",
  ],
  [
    "cannot be read",
    () => Promise.reject(new Error("no room")),
    "! what the suites left in /tmp/reports was not brought out: no room",
  ],
])("that it %s is a warning", async (_, reports, says) => {
  expect(await counted(reports, "/here")).toBeUndefined();
  expect(told).toEqual([says]);
});

test("is counted also where it cannot be saved", async () => {
  expect(await counted(() => brought({ unsaved: "no room" }), "/here")).toEqual(counts);
  expect(told).toEqual(["! what the suites left in /tmp/reports was not brought out: no room"]);
});

test("of no test at all is said", async () => {
  const none = { tests: 0, skipped: 0, failed: [] };
  expect(await counted(() => brought({ counts: none }))).toEqual(none);
  expect(told).toEqual(["! the suites ran no test, by what they left"]);
});

test("is no affair of whoever has interrupted it, who hears no verdict", async () => {
  const reason = new Error("interrupted by SIGINT");
  const reports = () => {
    interrupt.abort(reason);
    return Promise.reject(reason);
  };
  await expect(counted(reports, "/here")).rejects.toBe(reason);
  expect(told).toEqual([]);
});
