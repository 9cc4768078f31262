import type { SettledCode } from "../errors/codes.ts";
import type { Next } from "../errors/next.ts";
import { ThreadsError } from "../errors/threads-error.ts";
import type { CommandFailed } from "../process/processes.ts";
import { commitFirst } from "./commit-all.ts";

interface Known {
  readonly says: RegExp;
  readonly code: SettledCode;
  readonly message: (root: string) => string;
  readonly next: (root: string) => string[];
}

const known: readonly Known[] = [
  {
    says: /not a git repository/,
    code: "NOT_A_REPOSITORY",
    message: (root) => `${root} is not in a git repository, so there is no revision to name images after`,
    next: (root) => [`git init && ${commitFirst(root)}`],
  },
  {
    says: /dubious ownership/,
    code: "REPOSITORY_NOT_TRUSTED",
    message: (root) => `git does not trust ${root}, because another user owns it`,
    next: (root) => [`git config --global --add safe.directory ${root}`],
  },
  {
    says: /does not have any commits yet|ambiguous argument 'HEAD'|bad revision 'HEAD'/,
    code: "NO_COMMITS",
    message: () => "the repository has no commit yet",
    next: (root) => [commitFirst(root)],
  },
];

/** What git's failure means; what is not known keeps git's own words (code GIT_FAILED). */
export function gitFailure(failure: CommandFailed, root: string): ThreadsError {
  const said = failure.tail.join("\n");
  if (failure.exitCode === undefined)
    return new ThreadsError("NO_GIT", {
      message: "git is not installed, or not on the PATH",
      next: ["apt-get install git"],
      cause: failure,
    });
  const match = known.find((one) => one.says.test(said));
  return new ThreadsError(match?.code ?? "GIT_FAILED", {
    message: match?.message(root) ?? failure.message,
    next: match?.next(root) ?? ["git status"],
    details: match === undefined ? failure.tail : [],
    cause: failure,
  });
}

/** A name that git cannot turn into one commit: not there, not unique, only on a remote, or cut off by a shallow clone. */
export function unknownRevision(facts: {
  readonly name: string;
  readonly git: readonly string[];
  readonly shallow: boolean;
  /** Refs of that name elsewhere: `refs/remotes/origin/dev`. */
  readonly near: readonly string[];
}): ThreadsError {
  const { name, git, shallow, near } = facts;
  const usage = (code: SettledCode, message: string, way: Partial<Next>): ThreadsError =>
    new ThreadsError(code, { message, ...way });
  if (git.some((line) => /is ambiguous/.test(line)))
    return new ThreadsError("AMBIGUOUS_REVISION", {
      message: `${name} is the beginning of more than one sha`,
      advice: ["give more digits"],
      details: git.filter((line) => /^hint: {3}/.test(line)).map((line) => line.replace(/^hint: +/, "")),
    });
  const remote = near.map((ref) => ref.replace(/^refs\/remotes\//, ""));
  if (remote.length > 0)
    return usage("UNKNOWN_REVISION", `there is no branch ${name} here, only ${remote.join(" and ")}`, {
      next: [`git fetch && git branch ${name} ${remote[0] ?? ""}`],
      advice: [`give ${remote.join(" or ")}`],
    });
  if (shallow)
    return usage("SHALLOW_CLONE", `git does not know ${name}; this clone is shallow, so it may only be cut off`, {
      next: ["git fetch --unshallow --tags"],
      advice: ["give the full sha: it needs no git"],
    });
  const isShort = /^[0-9a-f]{4,39}$/.test(name);
  return usage("UNKNOWN_REVISION", `git does not know ${name}`, {
    next: ["git fetch --tags", ...(isShort ? [] : ["git log --oneline"])],
    advice: isShort ? ["give the full sha: it needs no git"] : [],
  });
}

/** One name for several commits: git would take the tag and only warn. */
export function ambiguousName(
  name: string,
  meanings: readonly { readonly ref: string; readonly revision: string }[],
): ThreadsError {
  return new ThreadsError("AMBIGUOUS_REVISION", {
    message: `${name} is both a tag and a branch, of different commits`,
    details: meanings.map(({ ref, revision }) => `${revision} ${ref}`),
    advice: meanings.map(({ ref }) => `give ${ref.replace(/^refs\//, "")}`),
  });
}
