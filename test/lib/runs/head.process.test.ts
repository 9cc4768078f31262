import { execFileSync } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { headOf } from "../../../src/lib/runs/head.ts";

// Beside git itself.

let root: string;
const git = (...args: readonly string[]): string =>
  execFileSync("git", ["-c", "user.name=Ada", "-c", "user.email=ada@example.com", ...args], {
    cwd: root,
    encoding: "utf8",
  });
const own = (folder = root): string =>
  execFileSync("git", ["rev-parse", "HEAD"], { cwd: folder, encoding: "utf8" }).trim();
beforeAll(() => {
  root = mkdtempSync(join(tmpdir(), "threads-head-"));
  git("init", "--quiet", "--initial-branch", "main");
});
afterAll(() => rmSync(root, { recursive: true, force: true }));

test("it is git's, on a branch, in a folder below, packed, detached and in a worktree; and nothing where there is none", () => {
  expect(headOf(root)).toBeNull();
  git("commit", "--quiet", "--allow-empty", "-m", "one");
  expect(headOf(root)).toBe(own());
  mkdirSync(join(root, "below"));
  expect(headOf(join(root, "below"))).toBe(own());
  git("pack-refs", "--all");
  expect(headOf(root)).toBe(own());
  const worktree = join(root, "below", "other");
  git("worktree", "add", "--quiet", "-b", "feature/x", worktree);
  git("commit", "--quiet", "--allow-empty", "-m", "two");
  expect([headOf(worktree), headOf(root)]).toEqual([own(worktree), own()]);
  expect(headOf(worktree)).not.toBe(headOf(root));
  git("checkout", "--quiet", "--detach");
  expect(headOf(root)).toBe(own());
  writeFileSync(join(root, "below", ".git"), "gitdir: nowhere\n");
  expect(headOf(join(root, "below"))).toBeNull();
});
