import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { commitAll, commitFirst } from "../../../src/lib/source/commit-all.ts";

test("everything is committed but what npm has installed", () => {
  expect(commitAll(["package.json", "src/node_modules.ts"])).toBe("git add --all && git commit");
  const ignoring = String.raw`printf '\nnode_modules/\n' >> .gitignore && git add --all && git commit`;
  expect(commitAll(["a.txt", "node_modules/threads/index.js"])).toBe(ignoring);
  expect(commitAll(["web/node_modules/threads/index.js"])).toBe(ignoring);
});

test("so is a folder of which git has nothing yet", () => {
  const root = mkdtempSync(join(tmpdir(), "threads-first-commit-"));
  onTestFinished(() => rmSync(root, { recursive: true }));
  expect(commitFirst(root)).toBe("git add --all && git commit");
  mkdirSync(join(root, "node_modules"));
  expect(commitFirst(root)).toMatch(/^printf .* >> \.gitignore && git add --all && git commit$/);
  writeFileSync(join(root, ".gitignore"), "dist/\nnode_modules\n");
  expect(commitFirst(root)).toBe("git add --all && git commit");
});
