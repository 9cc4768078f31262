import type { Ancestor } from "./source.ts";

/**
 * Orders the lines of `git log --format="%H %T %P"` by how many steps they are from the first commit, whatever their
 * dates: machines' clocks differ, and a rebase keeps old author dates.
 */
export function parseHistory(log: string, start: string): readonly Ancestor[] {
  const known = new Map<string, Ancestor>();
  for (const line of log.split("\n")) {
    const [revision, tree, ...parents] = line.trim().split(" ").filter(Boolean);
    if (revision !== undefined && tree !== undefined) known.set(revision, { revision, tree, parents });
  }
  const ordered: Ancestor[] = [];
  const waiting = [start];
  const seen = new Set(waiting);
  for (const revision of waiting) {
    const commit = known.get(revision);
    // Beyond the limit, or beyond the edge of a shallow clone.
    if (commit === undefined) continue;
    ordered.push(commit);
    for (const parent of commit.parents) if (seen.size < seen.add(parent).size) waiting.push(parent);
  }
  return ordered;
}
