import { existsSync } from "node:fs";
import { join } from "node:path";
import type { Git } from "./run-git.ts";

/**
 * Files at which `git status` does not look because somebody has told it not to: nobody knows whether they are as committed.
 * Relative to the top of the repository.
 * @param places all of the repository where there are none
 */
export async function assumedUnchanged(git: Git, places: readonly string[] = [":/"]): Promise<string[]> {
  const lines = (await git(["ls-files", "-v", "--full-name", "-z", "--", ...places])).split("\0");
  const named = (tag: RegExp): string[] => lines.filter((line) => tag.test(line)).map((line) => line.slice(2));
  return [...named(/^[a-z] /), ...(await present(git, named(/^S /)))];
}

/** What a sparse checkout skips is not there, and as committed. */
async function present(git: Git, skipped: readonly string[]): Promise<string[]> {
  if (skipped.length === 0) return [];
  const top = (await git(["rev-parse", "--show-toplevel"])).trimEnd();
  return skipped.filter((file) => existsSync(join(top, file)));
}
