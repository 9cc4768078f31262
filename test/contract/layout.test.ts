import { execFileSync } from "node:child_process";
import { fileURLToPath } from "node:url";
import { expect, it } from "vitest";

const root = fileURLToPath(new URL("../..", import.meta.url));

// What tools leave lies there too, and goes into a commit by `git add --all`.
it("the top level has what a reader looks for there, dot files, and nothing else", () => {
  const files = execFileSync("git", ["ls-files", "-z"], { cwd: root, encoding: "utf8" }).split("\0");
  const top = new Set(files.flatMap((file) => file.split("/")[0] || []).filter((name) => !name.startsWith(".")));
  expect([...top].toSorted()).toEqual([
    "LICENSE",
    "README.md",
    "backend",
    "bin",
    "package-lock.json",
    "package.json",
    "src",
    "test",
    "threads.yml",
    "tsconfig.build.json",
    "tsconfig.json",
    "vitest.config.ts",
  ]);
});
