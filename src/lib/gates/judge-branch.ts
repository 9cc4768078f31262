import { shortRevision } from "../release/revision.ts";
import type { GateFacts } from "./gate-facts.ts";
import { blocked, missing, notConfigured, passed, type GateVerdict } from "./verdict.ts";

/** Whether the branch has the commit, by git's word. */
export function judgeBranch({ environment, published, branch: answer }: GateFacts): GateVerdict {
  const { branch } = environment.gates;
  if (branch === undefined || answer === undefined) return notConfigured;
  const { has, ref } = answer;
  const short = shortRevision(published.release.revision);
  if (ref === undefined) return missing(`this clone has no branch ${branch}`, `git fetch origin ${branch}`);
  if (has === "commit") return passed(`${ref} has ${short}`);
  if (has === "tree") return passed(`${ref} has a commit with the same tree as ${short}`);
  if (has === "unknown")
    return missing(
      `this clone does not know enough of ${short} to tell whether ${ref} has it`,
      "git fetch --unshallow",
      "git fetch --all",
    );
  return {
    ...blocked(`${ref} does not have ${short}`, `git fetch origin ${branch}`),
    advice: [`merge it into ${branch}`],
  };
}
