import { ThreadsError } from "../errors/threads-error.ts";
import { CommandFailed, type Processes } from "../process/processes.ts";
import { assumedUnchanged } from "./assumed-unchanged.ts";
import { ambiguousName, gitFailure, unknownRevision } from "./failure.ts";
import { parseHistory } from "./history.ts";
import { changedSince } from "./changed-since.ts";
import type { Git } from "./run-git.ts";
import type { Commit, Head, History, Source } from "./source.ts";
import { parseStatus } from "./status.ts";
import { parseTree } from "./tree.ts";
import { readBlobs } from "./blobs.ts";

/** English messages to tell failures apart, and no lock file that would disturb an editor. */
const env = { LC_ALL: "C", GIT_OPTIONAL_LOCKS: "0" };

interface GitPorts {
  readonly processes: Processes;
  readonly root: string;
}

/** Git facts of the repository in which `root` lies. */
export function gitSource(ports: GitPorts): Source {
  const git: Git = async (args, options) => {
    try {
      return (await ports.processes.run({ file: "git", args }, { cwd: ports.root, env, ...options })).stdout;
    } catch (error) {
      if (error instanceof CommandFailed) throw gitFailure(error, ports.root);
      throw error;
    }
  };
  const commit = async (name: string): Promise<Commit> =>
    parseCommit(await git(["log", "-1", "--no-show-signature", "--format=%H %T %ct", "--end-of-options", name]));
  return {
    head: () => readHead(git, commit),
    resolve: (name) => resolve(git, commit, name),
    refs: (name) => refs(git, name),
    history: (revision, limit) => history(git, revision, limit),
    commitTimes: (before, revision) => commitTimes(git, before, revision),
    difference: async (from, to) => {
      // A person's own configuration may colour it, or hand it to another program.
      const plain = ["--no-color", "--no-ext-diff", "--no-textconv", "--stat=100", "--stat-count=20"];
      const text = await git(["diff", ...plain, "--end-of-options", from, to, "--"]);
      return text.split("\n").filter((line) => line !== "");
    },
    changedSince: (name, paths) => changedSince(git, { name, paths }, (of) => resolve(git, commit, of)),
    files: async (revision) => parseTree(await git(["ls-tree", "-r", "-z", "--long", revision])),
    ignored: async (paths) => {
      const told = await Promise.all(paths.map((path) => isIgnored(path, ports)));
      return paths.filter((_, index) => told[index]);
    },
    filesAt: async (revision, paths) => {
      const input = paths.map((path) => `${revision}:./${path}\n`).join("");
      const blobs = paths.length === 0 ? "" : await git(["cat-file", "--batch"], { input, encoding: "latin1" });
      return readBlobs(blobs, { revision, paths });
    },
  };
}

async function readHead(git: Git, commit: (name: string) => Promise<Commit>): Promise<Head> {
  const [at, status, shallow, hidden] = await Promise.all([
    commit("HEAD"),
    git(["status", "--porcelain=v2", "--branch", "--untracked-files=all", "-z"]).then(parseStatus),
    isShallow(git),
    assumedUnchanged(git),
  ]);
  return {
    ...at,
    branch: status.branch,
    dirty: [...status.dirty, ...hidden],
    hidden,
    shallow,
    upstream: status.upstream,
    pushed: status.ahead === undefined ? undefined : status.ahead === 0,
  };
}

async function resolve(git: Git, commit: (name: string) => Promise<Commit>, name: string): Promise<Commit> {
  try {
    const [revision, named] = await Promise.all([revisionOf(git, name), refs(git, name)]);
    if (named.length > 1) await requireOneMeaning(git, name, named);
    return await commit(revision);
  } catch (error) {
    if (!(error instanceof ThreadsError) || error.code !== "GIT_FAILED") throw error;
    const [shallow, near] = await Promise.all([isShallow(git), refs(git, name)]);
    throw unknownRevision({ name, git: error.details, shallow, near });
  }
}

async function revisionOf(git: Git, name: string): Promise<string> {
  return (await git(["rev-parse", "--verify", "--end-of-options", `${name}^{commit}`])).trim();
}

/** Git itself would take the tag and only warn; here the two may stand for different releases. */
async function requireOneMeaning(git: Git, name: string, named: readonly string[]): Promise<void> {
  const local = named.filter((ref) => !ref.startsWith("refs/remotes/"));
  const meanings = await Promise.all(local.map(async (ref) => ({ ref, revision: await revisionOf(git, ref) })));
  if (new Set(meanings.map(({ revision }) => revision)).size > 1) throw ambiguousName(name, meanings);
}

/** `for-each-ref` matches whole parts of a path; a name with a wildcard or an option in it is no ref's. */
async function refs(git: Git, name: string): Promise<string[]> {
  if (!/^[^-*?[\\][^*?[\\]*$/.test(name)) return [];
  const patterns = [`refs/heads/${name}`, `refs/tags/${name}`, `refs/remotes/*/${name}`];
  const lines = (await git(["for-each-ref", "--format=%(refname)", ...patterns])).split("\n");
  // A pattern also matches everything below it: `refs/heads/a` finds `refs/heads/a/b`.
  return lines.filter((ref) => ref.endsWith(`/${name}`));
}

async function history(git: Git, revision: string, limit: number): Promise<History> {
  const args = ["log", `--max-count=${String(limit)}`, "--no-show-signature", "--format=%H %T %P", "--end-of-options"];
  const [log, shallow] = await Promise.all([git([...args, revision]), isShallow(git)]);
  const commits = parseHistory(log, revision);
  return { commits, shallow: shallow && commits.length < limit };
}

async function commitTimes(git: Git, before: string | undefined, revision: string): Promise<string[] | undefined> {
  const which =
    before === undefined
      ? ["-1", "--end-of-options", revision]
      : ["--no-merges", "--end-of-options", `${before}..${revision}`];
  try {
    // A shallow clone ends somewhere between the two: what it lists would be too little.
    if (before !== undefined) await git(["merge-base", "--end-of-options", before, revision]);
    const seconds = await git(["log", "--no-show-signature", "--format=%ct", ...which]);
    return seconds.split("\n").flatMap((at) => (at === "" ? [] : new Date(Number(at) * 1000).toISOString()));
  } catch (error) {
    if (error instanceof ThreadsError && error.code === "GIT_FAILED") return undefined;
    throw error;
  }
}

/**
 * One question a file: git answers none where one of them lies outside the repository. Where there is no git, nothing is
 * passed over: what is published is tested on machines that have none.
 */
async function isIgnored(path: string, { processes, root }: GitPorts): Promise<boolean> {
  const command = { file: "git", args: ["check-ignore", "--quiet", "--", path] };
  try {
    return (await processes.run(command, { cwd: root, env, allowFailure: true })).exitCode === 0;
  } catch (error) {
    if (error instanceof CommandFailed && error.exitCode === undefined) return false;
    throw error;
  }
}

async function isShallow(git: Git): Promise<boolean> {
  return (await git(["rev-parse", "--is-shallow-repository"])).trim() === "true";
}

function parseCommit(line: string): Commit {
  const [revision = "", tree = "", seconds = ""] = line.trim().split(" ");
  return { revision, tree, committedAt: new Date(Number(seconds) * 1000).toISOString() };
}
