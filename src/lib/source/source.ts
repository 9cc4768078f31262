/** What git knows about the sources: a port, so that actions never see a git command. */
export interface Source {
  /** The checked-out commit and the state of the working tree. @throws ThreadsError NOT_A_REPOSITORY, NO_COMMITS … */
  head(): Promise<Head>;
  /** A full sha, an unambiguous short one, a tag, a branch or HEAD. @throws ThreadsError UNKNOWN_REVISION, AMBIGUOUS_REVISION … */
  resolve(name: string): Promise<Commit>;
  /** Tracked files at a commit, byte for byte what was committed, in the order of their paths, which are relative to the folder of threads.yml. */
  filesAt(revision: string, paths: readonly string[]): Promise<readonly Uint8Array[]>;
  /** Every tracked file of a commit below the folder of threads.yml. */
  files(revision: string): Promise<readonly TrackedFile[]>;
  /** Which of these files, by absolute path, git passes over: a person's own, which no other clone has. */
  ignored(paths: readonly string[]): Promise<readonly string[]>;
  /** Branches and tags that a name may mean, as full names: `refs/heads/x`, `refs/tags/x`, `refs/remotes/origin/x`. */
  refs(name: string): Promise<readonly string[]>;
  /** A commit (full sha) and its ancestors through all parents, nearest first; of equally near ones the first parent's side first. */
  history(revision: string, limit: number): Promise<History>;
  /**
   * When the commits of `revision` were made that `before` does not have, merges left out, ISO 8601; of that one commit where
   * there was nothing before. Undefined where this clone does not have all of them.
   */
  commitTimes(before: string | undefined, revision: string): Promise<readonly string[] | undefined>;
  /**
   * Which files of these places are not as they were where the checked-out commit and `name` parted: committed since, uncommitted,
   * and new ones that git does not pass over. A word where nobody can tell where they parted.
   * @param paths absolute. @throws ThreadsError UNKNOWN_REVISION … where git knows no such name, GIT_FAILED where it fails, as it does where one lies outside the repository
   */
  changedSince(name: string, paths: readonly string[]): Promise<Changed | Apart>;
  /** The lines of `git diff --stat` from one commit to another; long ones are cut, the last line sums up. */
  difference(from: string, to: string): Promise<readonly string[]>;
}

export interface Commit {
  /** Full sha. */
  readonly revision: string;
  /** Tree hash: equal trees are equal sources, whatever the merge style. */
  readonly tree: string;
  /** Committer's time, ISO 8601 in UTC. */
  readonly committedAt: string;
}

/** This clone is cut off before it, or there is no such commit. */
export type Apart = "shallow" | "unrelated";

export interface Changed {
  /** Full sha of the commit where they parted. */
  readonly from: string;
  /** Relative to the top of the git repository. */
  readonly files: readonly string[];
}

export interface TrackedFile {
  /** Relative to the folder of threads.yml. */
  readonly path: string;
  /** A module is another repository, of which git keeps the commit alone. */
  readonly kind: "file" | "executable" | "link" | "module";
  readonly bytes: number;
}

export interface Head extends Commit {
  /** Undefined on a detached HEAD, as in most CI checkouts. */
  readonly branch: string | undefined;
  /** Changed and untracked files (ignored ones do not count), relative to the top of the git repository. Empty = clean. */
  readonly dirty: readonly string[];
  /** Of these, files at which git was told not to look, so that it can neither commit nor stash them. */
  readonly hidden?: readonly string[];
  readonly shallow: boolean;
  /** `origin/dev`, or undefined where the branch follows none. */
  readonly upstream: string | undefined;
  /** Whether the upstream has this commit; undefined where there is no upstream to ask. */
  readonly pushed: boolean | undefined;
}

export interface History {
  /** The first one is the commit itself. */
  readonly commits: readonly Ancestor[];
  /** The clone has no older commits, although there may be some (`git clone --depth`). */
  readonly shallow: boolean;
}

export interface Ancestor {
  /** Full sha. */
  readonly revision: string;
  readonly tree: string;
  /** Full shas; two and more for a merge. Empty for a root and at the edge of a shallow clone. */
  readonly parents: readonly string[];
}
