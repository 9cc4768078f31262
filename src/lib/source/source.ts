/** What git knows about the sources: a port, so that actions never see a git command. */
export interface Source {
  /** The checked-out commit and the state of the working tree. @throws ThreadsError NOT_A_REPOSITORY, NO_COMMITS … */
  head(): Promise<Head>;
  /** A full sha, an unambiguous short one, a tag, a branch or HEAD. @throws ThreadsError UNKNOWN_REVISION, AMBIGUOUS_REVISION … */
  resolve(name: string): Promise<Commit>;
  /** A tracked file's text at a commit, byte for byte what was committed. `path` is relative to the repository root of threads.yml. */
  fileAt(revision: string, path: string): Promise<string>;
}

export interface Commit {
  /** Full sha. */
  readonly revision: string;
  /** Tree hash: equal trees are equal sources, whatever the merge style. */
  readonly tree: string;
  /** Committer's time, ISO 8601 in UTC. */
  readonly committedAt: string;
}

export interface Head extends Commit {
  /** Undefined on a detached HEAD, as in most CI checkouts. */
  readonly branch: string | undefined;
  /** Changed and untracked files (ignored ones do not count), relative to the top of the git repository. Empty = clean. */
  readonly dirty: readonly string[];
  readonly shallow: boolean;
  /** `origin/dev`, or undefined where the branch follows none. */
  readonly upstream: string | undefined;
  /** Whether the upstream has this commit; undefined where there is no upstream to ask. */
  readonly pushed: boolean | undefined;
}
