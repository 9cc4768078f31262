import type { Head } from "../../../source/source.ts";
import { shortRevision } from "../../../release/revision.ts";
import { count } from "../../../text/words.ts";
import { type Check, type DoctorFinding, ok } from "../check.ts";

export const gitCheck: Check = {
  id: "git",
  title: "git repository",
  look: async (ports) => [judgeGit(await ports.head())],
};

/** A dirty or unpushed tree is everyday work; publish refuses it when it comes to that. */
export function judgeGit(head: Head): DoctorFinding {
  const at = `${head.branch ?? "detached HEAD"} at ${shortRevision(head.revision)}`;
  const facts = [
    at,
    ...(head.dirty.length === 0 ? [] : [count(head.dirty.length, "uncommitted file")]),
    ...(head.pushed === false ? [`not pushed to ${head.upstream ?? "its upstream"}`] : []),
  ];
  if (head.shallow)
    return {
      state: "warn",
      says: `${facts.join(", ")}: the clone is shallow, so releases cannot be looked up by commit or tree`,
      next: ["git fetch --unshallow"],
      advice: ["in a workflow, give actions/checkout fetch-depth: 0"],
    };
  return ok(facts.join(", "));
}
