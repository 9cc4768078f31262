import type { Finished, Processes } from "../process/processes.ts";
import type { Commit } from "./source.ts";

/** How commits relate to each other. A clone may know too little to tell: then the answer says so, and nothing fails. */
export interface Lineage {
  /** Whether a branch has the commit, or one with the same tree (after a squash or a rebase). */
  onBranch(branch: string, commit: Pick<Commit, "revision" | "tree">): Promise<OnBranch>;
  /** Addresses of all who had a part in a commit: author, committer and co-authors. @returns undefined where the clone does not have it */
  authors(revision: string): Promise<readonly string[] | undefined>;
  /** What lies between two commits. @returns why it cannot be told, where git does not know one of them */
  between(from: string, to: string): Promise<Shipment | { readonly unknown: string }>;
}

export interface OnBranch {
  /** commit: it is an ancestor. tree: another commit there has the same sources. unknown: git does not know enough. */
  readonly has: "commit" | "tree" | "nothing" | "unknown";
  /** `origin/prod`, or the local branch where no remote has one; undefined where there is no such branch. */
  readonly ref: string | undefined;
}

/** What a release brings to where another one runs. */
export interface Shipment {
  /** Commits that are new there. */
  readonly commits: number;
  /** The newest of them, at most ten, as `git log --oneline` prints them. */
  readonly log: readonly string[];
  /** Commits that run there now and would be gone: more than none is a step back or to the side. */
  readonly dropped: number;
  /** Files that the release adds in folders named `migrations`, from the top of the repository. */
  readonly migrations: readonly string[];
}

/** Commits of the branch that are compared by tree. */
const lookBack = 1000;
const shown = 10;
/** English messages, and no lock file that would disturb an editor. */
const env = { LC_ALL: "C", GIT_OPTIONAL_LOCKS: "0" };

/** Lineage as the git repository around `root` knows it. */
export function gitLineage({ processes, root }: { readonly processes: Processes; readonly root: string }): Lineage {
  const git: Git = async (...args) => processes.run({ file: "git", args }, { cwd: root, env, allowFailure: true });
  return {
    onBranch: (branch, commit) => onBranch(git, branch, commit),
    authors: (revision) => authors(git, revision),
    between: (from, to) => between(git, from, to),
  };
}

type Git = (...args: readonly string[]) => Promise<Finished>;

async function onBranch(
  git: Git,
  branch: string,
  { revision, tree }: Pick<Commit, "revision" | "tree">,
): Promise<OnBranch> {
  const ref = await branchRef(git, branch);
  if (ref === undefined) return { has: "unknown", ref: undefined };
  const name = ref.replace(/^refs\/(?:remotes|heads)\//, "");
  const { exitCode } = await git("merge-base", "--is-ancestor", revision, ref);
  if (exitCode === 0) return { has: "commit", ref: name };
  const trees = await git("log", `--max-count=${lookBack}`, "--no-show-signature", "--format=%T", ref, "--");
  if (trees.stdout.split("\n").includes(tree)) return { has: "tree", ref: name };
  // 1 is a plain no; anything else means that git does not know the commit (git-merge-base(1)).
  return { has: exitCode === 1 ? "nothing" : "unknown", ref: name };
}

/** What the team has agreed on is the remote's branch; a local one may hold anything. */
async function branchRef(git: Git, branch: string): Promise<string | undefined> {
  const patterns = [
    `refs/remotes/origin/${branch}`,
    `refs/remotes/*/${branch}`,
    `refs/heads/${branch}`,
    `refs/remotes/${branch}`,
  ];
  const { stdout } = await git("for-each-ref", "--format=%(refname)", ...patterns);
  const refs = stdout.split("\n").filter((ref) => ref.endsWith(`/${branch}`));
  return refs.find((ref) => ref === patterns[0]) ?? refs.find((ref) => ref.startsWith("refs/remotes/")) ?? refs[0];
}

async function authors(git: Git, revision: string): Promise<readonly string[] | undefined> {
  const format = "%ae%n%ce%n%(trailers:key=Co-authored-by,valueonly)";
  const { exitCode, stdout } = await git(
    "show",
    "--no-patch",
    "--no-show-signature",
    `--format=${format}`,
    revision,
    "--",
  );
  if (exitCode !== 0) return undefined;
  const addresses = stdout.split("\n").map((line) => /<([^<>]*)>\s*$/.exec(line)?.[1] ?? line.trim());
  return [...new Set(addresses.filter((one) => one !== "").map((one) => one.toLowerCase()))];
}

async function between(git: Git, from: string, to: string): Promise<Shipment | { readonly unknown: string }> {
  const migrations = [":(top,glob)**/migrations/*", ":(top,exclude,glob)**/__init__.py"];
  const [counts, log, added] = await Promise.all([
    git("rev-list", "--left-right", "--count", `${from}...${to}`, "--"),
    git("log", "--oneline", "--no-decorate", "--no-show-signature", `--max-count=${shown}`, `${from}..${to}`, "--"),
    git("diff", "--name-only", "--diff-filter=A", "--no-renames", "-z", from, to, "--", ...migrations),
  ]);
  const failed = [counts, log, added].find(({ exitCode }) => exitCode !== 0);
  if (failed !== undefined)
    return {
      unknown:
        failed.stderr
          .trim()
          .split("\n")[0]
          ?.replace(/^(?:fatal|error): /, "") ?? "",
    };
  const [dropped, commits] = counts.stdout.trim().split("\t").map(Number);
  return {
    commits: commits ?? 0,
    dropped: dropped ?? 0,
    log: lines(log.stdout, "\n"),
    migrations: lines(added.stdout, "\0"),
  };
}

function lines(text: string, separator: string): string[] {
  return text.split(separator).filter((line) => line !== "");
}
