import { ThreadsError } from "../errors/threads-error.ts";
import { shortRevision } from "../release/revision.ts";
import { commitAll } from "./commit-all.ts";

const filesShown = 20;

/**
 * The images of a release must be those of a commit, not of a working tree: there is no flag around it.
 * @param head the commit, and what differs from it
 * @throws ThreadsError DIRTY_TREE
 */
export function requireCleanTree(head: { readonly revision: string; readonly dirty: readonly string[] }): void {
  if (head.dirty.length === 0) return;
  const more = head.dirty.length > filesShown ? [`and ${String(head.dirty.length - filesShown)} more`] : [];
  throw new ThreadsError("DIRTY_TREE", {
    message: `the working tree differs from commit ${shortRevision(head.revision)}, so its images would not be that commit's`,
    details: [...head.dirty.slice(0, filesShown), ...more],
    next: [`${commitAll(head.dirty)} && threads smoke`, "git stash --include-untracked"],
  });
}
