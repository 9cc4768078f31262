import {
  appendFileSync,
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { runSmall } from "../process/small-shell.ts";

/** A real git repository in a temporary folder; `using` removes it. */
export interface TestRepository extends Disposable {
  readonly root: string;
  git(...args: string[]): string;
  write(path: string, text: string): void;
  /** Commits everything; returns the full sha. */
  commit(message: string): string;
  /** So many commits on the branch that is checked out, in one process; each changes that file, but not its copy in the folder. */
  manyCommits(count: number, file?: string): void;
}

const fixed = "2026-11-22T10:00:00+02:00";
/** An author, and none of the housekeeping that git starts behind a commit. */
const settings = `[user]
	name = Test
	email = test@example.invalid
[gc]
	auto = 0
[maintenance]
	auto = false
`;
/** One process to start from here, of which the tests start thousands. */
const addAndCommit = 'git add --all && exec git commit --quiet --allow-empty --message "$1"';

type From = { readonly copy: string } | { readonly clone: string; readonly args?: readonly string[] };

/** @param from instead of an empty repository: a copy of that folder, or a clone (`git clone` arguments come before it). */
export function testRepository(from?: From): TestRepository {
  const root = mkdtempSync(join(tmpdir(), "threads-git-"));
  const env = {
    PATH: process.env["PATH"],
    HOME: root,
    GIT_CONFIG_NOSYSTEM: "1",
    GIT_AUTHOR_DATE: fixed,
    GIT_COMMITTER_DATE: fixed,
  };
  const run = (file: string, args: readonly string[], input?: string): string => {
    const { exitCode, stdout, stderr } = runSmall({ file, args }, { cwd: root, env, input });
    if (exitCode !== 0) throw new Error(`${file} ${args.join(" ")} exited with ${String(exitCode)}: ${stderr}`);
    return stdout.trim();
  };
  const git = (...args: string[]): string => run("git", args);
  if (from === undefined) initialise(root);
  else if ("copy" in from) cpSync(from.copy, root, { recursive: true });
  else {
    git("clone", "--quiet", "--template=", ...(from.args ?? []), from.clone, ".");
    appendFileSync(join(root, ".git/config"), settings);
  }
  const write = (path: string, text: string): void => {
    mkdirSync(dirname(join(root, path)), { recursive: true });
    writeFileSync(join(root, path), text);
  };
  const commit = (message: string): string => {
    run("sh", ["-c", addAndCommit, "sh", message]);
    return headOf(join(root, ".git"));
  };
  const manyCommits = (count: number, file?: string): void => {
    const by = "committer Test <test@example.invalid> 1795340400 +0000";
    const branch = branchOf(join(root, ".git")) ?? "refs/heads/dev";
    const begun = existsSync(join(root, ".git", branch));
    const input = Array.from({ length: count }, (_, index) => {
      const text = `data <<.\n${String(index)}\n.\n`;
      const from = index === 0 && begun ? `from ${branch}^0\n` : "";
      return `commit ${branch}\n${by}\n${text}${from}${file === undefined ? "" : `M 100644 inline ${file}\n${text}`}`;
    });
    run("git", ["fast-import", "--quiet"], input.join("\n"));
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

/** What `git init --template=` does (gitrepository-layout(5)). */
function initialise(root: string): void {
  const folder = join(root, ".git");
  for (const name of ["objects", "refs/heads"]) mkdirSync(join(folder, name), { recursive: true });
  writeFileSync(join(folder, "HEAD"), "ref: refs/heads/dev\n");
  writeFileSync(
    join(folder, "config"),
    `[core]\n\trepositoryformatversion = 0\n\tlogallrefupdates = true\n${settings}`,
  );
}

/** What `git rev-parse HEAD` says after a commit, when the branch has a file of its own. */
function headOf(folder: string): string {
  const branch = branchOf(folder);
  return readFileSync(join(folder, branch ?? "HEAD"), "utf8").trim();
}

/** `refs/heads/dev`; undefined where HEAD is detached. */
function branchOf(folder: string): string | undefined {
  const head = readFileSync(join(folder, "HEAD"), "utf8").trim();
  return head.startsWith("ref: ") ? head.slice("ref: ".length) : undefined;
}
