import { existsSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { afterEach, beforeEach, expect, test } from "vitest";
import { openPage, shownIn } from "../../../src/lib/cli/open-page.ts";
import type { Config } from "../../../src/lib/config/config.ts";
import { stressPage } from "../../../src/lib/output/page/stress-page.ts";
import { hurriedClock } from "../../fakes/hurried-clock.ts";
import { aStressResult } from "../output/page/results.ts";

const draw = () => Promise.resolve(stressPage);
let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "threads-page-"));
});
afterEach(() => rmSync(folder, { recursive: true }));

/** Of a machine where nobody sits. */
const world = () => ({
  config: () => Promise.resolve({ root: folder } as Config),
  env: { THREADS_RUNS: join(folder, "runs") },
  clock: hurriedClock(),
});
const wanted = { report: undefined, open: true, isSeen: true, name: "stress.html" };

test("a page that is only to be seen lies beside the records, and its path is told where no browser comes", async () => {
  const show = await openPage(wanted, world());
  const { report, advice } = await show(aStressResult(), draw);
  expect(report).toBe(join(folder, "runs", "stress.html"));
  expect(readFileSync(report ?? "", "utf8")).toMatch(/^<!doctype html>/);
  expect(advice.at(-1)).toBe("no browser could be started on this machine");
});

test("where nobody looks at a terminal it is written all the same", async () => {
  const show = await openPage({ ...wanted, isSeen: false }, world());
  const before = aStressResult();
  const { report, advice } = await show(before, draw);
  expect(existsSync(report ?? "")).toBe(true);
  expect(advice).toEqual(before.advice);
});

test("a file that was named is the one, and a page that nobody asked for is none", async () => {
  const report = join(folder, "named.html");
  const named = await openPage({ ...wanted, report, isSeen: false }, world());
  expect(await named(aStressResult(), draw)).toMatchObject({ report });
  const none = await openPage({ ...wanted, open: false }, world());
  expect(await none(aStressResult(), draw)).toMatchObject({ report: null });
});

test("a browser is given the page as an address of a file", async () => {
  const asked: string[] = [];
  const browse = (address: string): Promise<boolean> => Promise.resolve(asked.push(address) > 0);
  const result = aStressResult();
  expect(await shownIn(browse, result, "/a page.html")).toBe(result);
  expect(asked).toEqual([pathToFileURL("/a page.html").href]);
});
