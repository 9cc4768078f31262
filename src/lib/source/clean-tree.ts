import { ThreadsError } from "../errors/threads-error.ts";
import { commandText } from "../process/processes.ts";
import { shortRevision } from "../release/revision.ts";
import { commitAll } from "./commit-all.ts";
import type { Head } from "./source.ts";

const filesShown = 20;

/**
 * The images of a release must be those of a commit, not of a working tree: there is no flag around it.
 * @param head the commit, and what differs from it
 * @throws ThreadsError DIRTY_TREE
 */
export function requireCleanTree(head: Pick<Head, "revision" | "dirty" | "hidden">): void {
  if (head.dirty.length === 0) return;
  const more = head.dirty.length > filesShown ? [`and ${String(head.dirty.length - filesShown)} more`] : [];
  throw new ThreadsError("DIRTY_TREE", {
    message: `the working tree differs from commit ${shortRevision(head.revision)}, so its images would not be that commit's`,
    details: [...head.dirty.slice(0, filesShown), ...more],
    next: [...lookAgain(head.hidden), `${commitAll(head.dirty)} && threads smoke`, "git stash --include-untracked"],
  });
}

/** Until git looks at them, they can neither be committed nor put away. From the top of the repository, as they are named. */
function lookAgain(hidden: readonly string[] = []): string[] {
  if (hidden.length === 0) return [];
  const line = (flag: string): string =>
    `git -C "$(git rev-parse --show-toplevel)" ${commandText({ file: "update-index", args: [flag, "--", ...hidden] })}`;
  return [`${line("--no-assume-unchanged")} && ${line("--no-skip-worktree")}`];
}
