import type { Config } from "../../config/config.ts";
import type { PublishResult } from "./result.ts";

/** Where a release goes first: to the first environment with hosts that takes it as it is, or else by a promotion; then to ECS. */
export function nextAfterPublish(
  { revision }: Pick<PublishResult, "revision">,
  { environments }: Pick<Config, "environments">,
): string[] {
  const hosted = Object.values(environments).filter(({ hosts }) => hosts !== undefined);
  const open = hosted.find(({ requiresPromotion }) => !requiresPromotion);
  if (open !== undefined) return [`threads deploy -e ${open.name} ${revision}`];
  const [gated] = hosted;
  if (gated !== undefined) return [`threads promote ${revision} -e ${gated.name}`];
  const onEcs = Object.values(environments).filter(({ ecs }) => ecs !== undefined);
  return onEcs.slice(0, 1).map(({ name }) => `threads ecs render -e ${name} ${revision}`);
}
