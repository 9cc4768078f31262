import type { Code } from "../codes.ts";
import type { Explanation } from "./explanation.ts";

/** The sources, and what git says of them. */
export const git = {
  AMBIGUOUS_REVISION: {
    meaning: "The name means several commits: the beginning of more than one sha, or both a tag and a branch.",
    advice: ["Give more digits, or the full name that the message lists, such as tags/v1."],
  },
  DIRTY_TREE: {
    meaning: "The working tree differs from its commit, so images of it would not be that commit's.",
    advice: [
      "Commit the changes, then `threads smoke`.",
      "Or put them away: `git stash --include-untracked`.",
      "Files at which git was told not to look (assume-unchanged, skip-worktree) have to be looked at first, by the line that the message prints.",
    ],
  },
  FILE_NOT_COMMITTED: {
    meaning: "A file that belongs to the release, such as the compose file, is not part of the commit.",
    advice: ["`git add` it, commit and `threads smoke`."],
  },
  GIT_FAILED: {
    meaning: "git failed in a way that threads has no better words for.",
    advice: ["Read git's own words, which the message shows; `git status` often says more."],
  },
  NOT_A_REPOSITORY: {
    meaning: "threads.yml does not lie in a git repository, so there is no revision to name images after.",
    advice: ["Change to the clone that is meant, or make one: `git init && git add --all && git commit`."],
  },
  NO_COMMITS: {
    meaning: "The git repository has no commit yet.",
    advice: ["`git add --all && git commit`."],
  },
  NO_GIT: {
    meaning: "git is not installed, or not on the PATH.",
    advice: ["Install it.", "A release's full sha or an environment's name can be given without git."],
  },
  REPOSITORY_NOT_TRUSTED: {
    meaning: "git does not trust the repository, because another user owns its files.",
    advice: ["`git config --global --add safe.directory FOLDER`, with the folder that the message names."],
  },
  SHALLOW_CLONE: {
    meaning: "git does not know the name, and the clone is shallow: the commit may only be cut off.",
    advice: ["`git fetch --unshallow --tags`.", "Or give the full sha: it needs no git."],
  },
  UNKNOWN_REVISION: {
    meaning: "git knows no commit, branch or tag of that name.",
    advice: ["`git fetch --all --tags`, then run the same again.", "Or give the full sha: it needs no git."],
  },
} as const satisfies Partial<Record<Code, Explanation>>;
