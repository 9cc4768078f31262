import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { isRunName, runName, runsFolder } from "../../../src/lib/runs/folder.ts";

let root: string;
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), "threads-folder-"));
});
afterEach(() => rmSync(root, { recursive: true }));

const env = { XDG_STATE_HOME: "/state" };

test("records lie in the checkout", () => {
  expect(runsFolder(root, env)).toBe(join(root, ".threads", "runs"));
});

test("but not where every build would take them for an input", () => {
  writeFileSync(join(root, "Dockerfile"), "FROM scratch\nCOPY . .\n");
  expect(runsFolder(root, env)).toMatch(/^\/state\/threads\/threads-folder-\w+-[0-9a-f]{8}\/runs$/);
  expect(runsFolder(root, {})).toMatch(/\/\.local\/state\/threads\//);
  writeFileSync(join(root, ".dockerignore"), "node_modules\n.threads-not\n");
  expect(runsFolder(root, env)).toMatch(/^\/state\//);
});

test.each([".threads", "/.threads/", "**/.threads", ".threads/**", "*", "**", ".*"])(
  "a .dockerignore may say %s",
  (line) => {
    writeFileSync(join(root, "Dockerfile"), "");
    writeFileSync(join(root, ".dockerignore"), `node_modules\n${line}\n`);
    expect(runsFolder(root, env)).toBe(join(root, ".threads", "runs"));
  },
);

test.each([
  ["compose.yml", "services:\n  web:\n    build:\n      context: .\n      dockerfile: docker/Dockerfile\n"],
  ["docker-compose.prod.yaml", "services: { web: { build: { context: './', target: web } } }\n"],
  ["compose.yml", "services:\n  web:\n    build: .\n"],
  ["compose.yml", 'services:\n  web:\n    build: ".." # all of it\n'],
  ["deploy/compose.yml", "services:\n  web:\n    build: ..\n"],
])("nor where a compose file builds from the folder: %s %s", (file, text) => {
  mkdirSync(join(root, "deploy"));
  writeFileSync(join(root, file), text);
  expect(runsFolder(root, env)).toMatch(/^\/state\//);
});

test("a build from a folder beside them does not take them", () => {
  writeFileSync(
    join(root, "compose.yml"),
    "services:\n  web:\n    build: ./web\n  api:\n    build: { context: ../api }\n",
  );
  expect(runsFolder(root, env)).toBe(join(root, ".threads", "runs"));
});

test("somebody may name another place", () => {
  expect(runsFolder(root, { THREADS_RUNS: "/elsewhere" })).toBe("/elsewhere");
  expect(runsFolder(root, { THREADS_RUNS: "" })).toBe(join(root, ".threads", "runs"));
});

test("by their names the oldest is the first, and nothing else has such a name", () => {
  const at = Date.parse("2026-11-28T08:30:05.123Z");
  expect(runName("smoke down", at, "1f3a9c")).toBe("20261128-083005-smoke-down-1f3a9c");
  expect(isRunName("20261128-083005-smoke-down-1f3a9c")).toBe(true);
  expect(["report.html", ".gitignore", "20261128-083005-smoke", "..", "20261128"].filter(isRunName)).toEqual([]);
});
