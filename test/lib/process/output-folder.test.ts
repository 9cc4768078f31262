import { execFileSync } from "node:child_process";
import { existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, expect, test } from "vitest";
import { makeOutputFolder } from "../../../src/lib/process/output-folder.ts";

const root = mkdtempSync(join(tmpdir(), "threads-output-"));
afterAll(() => rmSync(root, { recursive: true }));
const git = (...args: string[]): string => execFileSync("git", args, { cwd: root, encoding: "utf8" });

test("a folder that is made leaves the working tree as clean as it was", () => {
  git("init", "-q");
  const folder = join(root, "build", "reports");
  makeOutputFolder(folder, "--reports");
  writeFileSync(join(folder, "junit.xml"), "");
  expect(git("status", "--porcelain")).toBe("");
});

test("one that is there is taken as it is", () => {
  const folder = join(root, "kept");
  mkdirSync(folder);
  makeOutputFolder(folder, "--reports");
  expect(existsSync(join(folder, ".gitignore"))).toBe(false);
});

test("one that cannot be made is told at once, with the flag that names another", () => {
  writeFileSync(join(root, "file"), "");
  expect(() => makeOutputFolder(join(root, "file", "reports"), "--reports")).toThrow(
    expect.objectContaining({
      code: "FILE_NOT_USABLE",
      exitCode: 2,
      message: expect.stringContaining(`nothing can be written to ${root}/file/reports: ENOTDIR`),
      advice: ["name another place with --reports"],
    }),
  );
});
