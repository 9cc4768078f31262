import type { Head } from "../../../source/source.ts";
import { type Check, type Finding, ok } from "../check.ts";

export const gitCheck: Check = {
  id: "git",
  title: "git repository",
  look: async (ports) => [judgeGit(await ports.head())],
};

const shortSha = 12;

/** A dirty or unpushed tree is everyday work; publish refuses it when it comes to that. */
export function judgeGit(head: Head): Finding {
  const at = `${head.branch ?? "detached HEAD"} at ${head.revision.slice(0, shortSha)}`;
  const facts = [
    at,
    ...(head.dirty.length === 0
      ? []
      : [`${head.dirty.length} uncommitted ${head.dirty.length === 1 ? "file" : "files"}`]),
    ...(head.pushed === false ? [`not pushed to ${head.upstream ?? "its upstream"}`] : []),
  ];
  if (head.shallow)
    return {
      state: "warn",
      says: `${facts.join(", ")}: the clone is shallow, so releases cannot be looked up by commit or tree`,
      next: ["git fetch --unshallow", "in a workflow: actions/checkout with fetch-depth: 0"],
    };
  return ok(facts.join(", "));
}
