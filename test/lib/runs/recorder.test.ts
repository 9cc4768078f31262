import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { type RecorderOptions, runRecorder } from "../../../src/lib/runs/recorder.ts";
import { removeOldest } from "../../../src/lib/runs/remove-oldest.ts";
import { storedRuns } from "../../../src/lib/runs/stored-runs.ts";

let root: string;
let now: number;
let warnings: string[];
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), "threads-runs-"));
  now = Date.parse("2026-11-28T08:30:00.000Z");
  warnings = [];
});
afterEach(() => rmSync(root, { recursive: true, force: true }));

const recorder = (change: Partial<RecorderOptions> = {}) =>
  runRecorder({
    command: "deploy",
    argv: ["-e", "prod", "--api-token", "hunter2"],
    environment: "prod",
    version: "1.2.3",
    env: { DB_PASSWORD: "a-long-password" },
    clock: { now: () => now },
    id: "1f3a9c",
    warn: (text) => void warnings.push(text),
    ...change,
  });
const runs = () => join(root, ".threads", "runs");
const stored = () => storedRuns(runs());

test("a run leaves what it was, what it told, what others have written, and how it ended", () => {
  const run = recorder();
  run.tell({ event: "begin", task: 1, title: "Switch web-1" });
  run.openAt({ root, app: "shop" });
  now += 2_500;
  run.tell({ event: "end", task: 1, title: "Switched web-1", ok: true });
  run.keep("web 1/../x", ["one", "a-long-password"]);
  run.keep("empty", ["", ""]);
  run.end({ exitCode: 0, result: { outcome: "deployed", says: "a-long-password" } });
  const { runs: all, unread } = stored().list();
  expect(unread).toBe(0);
  const [only] = all;
  expect(only).toMatchObject({
    name: "20261128-083000-deploy-1f3a9c",
    begun: { command: "deploy", argv: ["-e", "prod", "--api-token", "[redacted]"], environment: "prod", head: null },
    ended: { exitCode: 0, tookMs: 2_500, result: { outcome: "deployed", says: "[redacted]" } },
  });
  expect(stored().phases(only!)).toEqual([
    { title: "Switch web-1", startedAt: "2026-11-28T08:30:00.000Z", tookMs: 2_500, ok: true },
  ]);
  const log = join("logs", "web-1-..-x.log");
  expect(stored().files(only!)).toEqual(["events.ndjson", "result.json", "run.json", log]);
  expect(readFileSync(join(only!.folder, log), "utf8")).toBe("one\n[redacted]\n");
  expect(warnings).toEqual([]);
});

test("nobody else on the machine may read it, and git passes over it", () => {
  const run = recorder();
  run.openAt({ root, app: "shop" });
  const folder = join(runs(), "20261128-083000-deploy-1f3a9c");
  expect(statSync(folder).mode & 0o777).toBe(0o700);
  expect(statSync(join(folder, "events.ndjson")).mode & 0o777).toBe(0o600);
  expect(readFileSync(join(runs(), ".gitignore"), "utf8")).toBe("*\n");
});

test("where it cannot be written there is one warning, and nothing is thrown", () => {
  writeFileSync(join(root, ".threads"), "a file");
  const run = recorder();
  run.openAt({ root, app: "shop" });
  run.tell({ event: "note", text: "one" });
  run.keep("web", ["one"]);
  run.end({ exitCode: 0, result: {} });
  expect(warnings).toEqual([expect.stringMatching(/^this run is not on record: E(?:NOTDIR|EXIST)/)]);
});

test("nor is anything thrown where it cannot even be told where it would lie", () => {
  writeFileSync(join(root, "Dockerfile"), "");
  mkdirSync(join(root, ".dockerignore"));
  const run = recorder();
  run.openAt({ root, app: "shop" });
  run.end({ exitCode: 0, result: {} });
  expect(warnings).toEqual([expect.stringContaining("EISDIR")]);
});

test("a folder that goes away in the middle costs one warning, too", () => {
  const run = recorder();
  run.openAt({ root, app: "shop" });
  rmSync(runs(), { recursive: true });
  run.tell({ event: "note", text: "one" });
  run.tell({ event: "note", text: "two" });
  run.end({ exitCode: 0, result: {} });
  expect(warnings).toHaveLength(1);
});

test("where threads.yml was never read there is no record, and no folder", () => {
  const run = recorder();
  run.tell({ event: "note", text: "one" });
  run.end({ exitCode: 2, result: {} });
  expect(existsSync(join(root, ".threads"))).toBe(false);
  expect(warnings).toEqual([]);
});

test("whoever says too much is cut, but for what tells how long it took", () => {
  const run = recorder();
  run.openAt({ root, app: "shop" });
  const text = "x".repeat(1024 * 1024);
  for (let n = 0; n < 12; n += 1) run.tell({ event: "line", text });
  run.tell({ event: "end", task: 1, title: "a", ok: true });
  run.keep(
    "web",
    Array.from({ length: 4 }, () => text),
  );
  const folder = join(runs(), "20261128-083000-deploy-1f3a9c");
  expect(statSync(join(folder, "events.ndjson")).size).toBeLessThan(9 * 1024 * 1024);
  expect(readFileSync(join(folder, "events.ndjson"), "utf8").trimEnd().split("\n").at(-1)).toContain('"end"');
  expect(statSync(join(folder, "logs", "web.log")).size).toBeLessThan(2.1 * 1024 * 1024);
});

test("the oldest go, by number or by size; the own run never, nor what is no run", () => {
  mkdirSync(join(root, "mine"));
  const name = (day: number): string => `2026110${day}-083000-test-00000${day}`;
  for (const day of [1, 2, 3, 4]) {
    mkdirSync(join(root, name(day), "logs"), { recursive: true });
    writeFileSync(join(root, name(day), "logs", "a.log"), "x".repeat(1000));
  }
  const left = (): string[] => readdirSync(root).toSorted();
  removeOldest(root, join(root, name(4)), { runs: 3, bytes: 1e6 });
  expect(left()).toEqual([name(2), name(3), name(4), "mine"]);
  removeOldest(root, join(root, name(4)), { runs: 3, bytes: 10_000 });
  expect(left()).toHaveLength(4);
  removeOldest(root, join(root, name(4)), { runs: 3, bytes: 500 });
  expect(left()).toEqual([name(4), "mine"]);
});

test("what somebody else has broken is left out, and counted", () => {
  for (const [id, text] of [
    ["000001", "{"],
    ["000002", `{"schema":2}`],
  ] as const) {
    const folder = join(runs(), `20261128-083000-test-${id}`);
    mkdirSync(folder, { recursive: true });
    writeFileSync(join(folder, "run.json"), text);
  }
  expect(stored().list()).toEqual({ runs: [], unread: 2 });
  expect(storedRuns(join(root, "nowhere")).list()).toEqual({ runs: [], unread: 0 });
});
