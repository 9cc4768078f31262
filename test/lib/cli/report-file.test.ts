import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { reportFile, withReport } from "../../../src/lib/cli/report-file.ts";
import { stressPage } from "../../../src/lib/output/page/stress-page.ts";
import { aStressResult } from "../output/page/results.ts";

const draw = () => Promise.resolve(stressPage);
let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "threads-report-"));
});
afterEach(() => rmSync(folder, { recursive: true }));

test("a page is written where it was asked for, in folders that are made for it, and the result says where", async () => {
  const file = join(folder, "runs", "12", "stress.html");
  const result = await withReport(aStressResult(), reportFile(file), draw);
  expect(result).toMatchObject({ outcome: "failed", report: file });
  expect(readFileSync(file, "utf8")).toMatch(/^<!doctype html>/);
});

test("a place where nothing can be written is told before anything is asked", () => {
  writeFileSync(join(folder, "file"), "");
  const refused = expect.objectContaining({ code: "FILE_NOT_USABLE", exitCode: 2 });
  expect(() => reportFile(join(folder, "file", "stress.html"))).toThrow(refused);
});

test("a page that cannot be written in the end takes nothing of what was measured with it", async () => {
  const place = reportFile(join(folder, "stress.html"));
  mkdirSync(join(folder, "stress.html"));
  const { advice, ...result } = await withReport(aStressResult(), place, draw);
  expect(result).toMatchObject({ outcome: "failed", report: null });
  expect(advice.at(-1)).toMatch(/^the report cannot be written to .*: EISDIR/);
});

test("where no page was asked for there is none", async () => {
  expect(await withReport(aStressResult(), undefined, draw)).toMatchObject({ report: null });
});
