import type { Config, EnvironmentConfig } from "../config/config.ts";

/**
 * Where a release goes from the environment that it has just come to: promoted to those with gates that ask for this one, and,
 * from one without gates, to those that ask for none.
 */
export function onwards(
  { name, requiresPromotion }: Pick<EnvironmentConfig, "name" | "requiresPromotion">,
  revision: string,
  { environments }: Pick<Config, "environments">,
): readonly string[] {
  return Object.values(environments)
    .filter((other) => other.requiresPromotion && other.name !== name)
    .filter(({ gates: { verified } }) => verified === name || (verified === undefined && !requiresPromotion))
    .map((other) => `threads promote ${revision} -e ${other.name}`);
}
