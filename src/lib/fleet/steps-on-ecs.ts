import { shortRevision } from "../release/revision.ts";
import { list } from "../text/words.ts";
import type { RolloutPlan } from "./rollout-plan.ts";

/** What is done on ECS, in words. */
export function stepsOnEcs({
  kind,
  release,
  migrate,
  singletons,
}: Pick<RolloutPlan, "kind" | "release" | "migrate"> & { readonly singletons: readonly string[] }): string {
  const revision = shortRevision(release.revision);
  const definitions = kind === "deploy" ? "register" : "take the kept";
  return [
    `${definitions} task definitions of ${revision}`,
    ...(migrate === undefined ? [] : [`run ${migrate} once`]),
    "tell workers, then what answers people",
    ...(singletons.length === 0 ? [] : [`then ${list(singletons)}, of which the old one stops first`]),
    "wait for each until ECS has brought it up, or gone back",
    "read what runs",
  ].join(", ");
}
