import type { Config } from "../../config/config.ts";
import { isDeployable } from "../../fleet/hosts.ts";
import type { PublishResult } from "./result.ts";

/** Where a release goes first: to the first environment that takes it as it is, or else by a promotion. */
export function nextAfterPublish(
  { revision }: Pick<PublishResult, "revision">,
  { environments }: Pick<Config, "environments">,
): string[] {
  const running = Object.values(environments).filter(isDeployable);
  const open = running.find(({ requiresPromotion }) => !requiresPromotion);
  if (open !== undefined) return [`threads deploy -e ${open.name} ${revision}`];
  return running.slice(0, 1).map(({ name }) => `threads promote ${revision} -e ${name}`);
}
