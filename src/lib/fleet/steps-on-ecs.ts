import { shortRevision } from "../release/revision.ts";
import { list } from "../text/words.ts";
import type { RolloutPlan } from "./rollout-plan.ts";

/** What is done on ECS, in words. */
export function stepsOnEcs({
  kind,
  release,
  migrate,
  singletons,
  continues,
}: Pick<RolloutPlan, "kind" | "release" | "migrate" | "continues"> & {
  readonly singletons: readonly string[];
}): string {
  const revision = shortRevision(release.revision);
  const definitions = kind === "deploy" ? "register" : "take the kept";
  const approved = continues?.pauses.map(({ service, stage }) => `${service} at ${stage}`) ?? [];
  return [
    ...(approved.length === 0 ? [`${definitions} task definitions of ${revision}`] : [`let ${list(approved)} go on`]),
    ...(migrate === undefined ? [] : [`run ${migrate} once`]),
    approved.length === 0 ? "tell workers, then what answers people" : "tell what has not been told yet",
    ...(singletons.length === 0 ? [] : [`then ${list(singletons)}, of which the old one stops first`]),
    kind === "deploy"
      ? "wait for each until ECS has brought it up, waits at a pause, or has gone back"
      : "wait for each until ECS has brought it up, or gone back",
    "read what runs",
  ].join(", ");
}
