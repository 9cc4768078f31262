import { execFileSync } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";

/** A real git repository in a temporary folder; `using` removes it. */
export interface TestRepository extends Disposable {
  readonly root: string;
  git(...args: string[]): string;
  write(path: string, text: string): void;
  /** Commits everything; returns the full sha. */
  commit(message: string): string;
  /** So many empty commits with fixed shas, in one process. */
  manyCommits(count: number): void;
}

const fixed = "2026-11-22T10:00:00+02:00";

/** @param from clone this one (`git clone` arguments come before it) instead of starting an empty repository. */
export function testRepository(from?: { readonly clone: string; readonly args?: readonly string[] }): TestRepository {
  const root = mkdtempSync(join(tmpdir(), "threads-git-"));
  const env = {
    PATH: process.env["PATH"],
    HOME: root,
    GIT_CONFIG_NOSYSTEM: "1",
    GIT_AUTHOR_DATE: fixed,
    GIT_COMMITTER_DATE: fixed,
  };
  const git = (...args: string[]): string =>
    execFileSync("git", args, { cwd: root, env, encoding: "utf8", stdio: ["ignore", "pipe", "pipe"] }).trim();
  if (from === undefined) git("init", "--quiet", "--initial-branch=dev");
  else git("clone", "--quiet", ...(from.args ?? []), from.clone, ".");
  git("config", "user.name", "Test");
  git("config", "user.email", "test@example.invalid");
  const write = (path: string, text: string): void => {
    mkdirSync(dirname(join(root, path)), { recursive: true });
    writeFileSync(join(root, path), text);
  };
  const commit = (message: string): string => {
    git("add", "--all");
    git("commit", "--quiet", "--allow-empty", "--message", message);
    return git("rev-parse", "HEAD");
  };
  const manyCommits = (count: number): void => {
    const by = "committer Test <test@example.invalid> 1795340400 +0000";
    const input = Array.from(
      { length: count },
      (_, index) => `commit refs/heads/dev\n${by}\ndata <<.\n${String(index)}\n.\n`,
    );
    execFileSync("git", ["fast-import", "--quiet"], { cwd: root, env, input: input.join("\n") });
  };
  return {
    root,
    git,
    write,
    commit,
    manyCommits,
    [Symbol.dispose]: () => rmSync(root, { recursive: true, force: true }),
  };
}
