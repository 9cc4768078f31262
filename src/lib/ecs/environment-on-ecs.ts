import type { Config, EnvironmentConfig } from "../config/config.ts";
import { environmentOf as environmentNamed } from "../config/environment.ts";
import { ThreadsError } from "../errors/threads-error.ts";

/** An environment that runs on ECS. */
export type EcsEnvironment = EnvironmentConfig & { readonly ecs: NonNullable<EnvironmentConfig["ecs"]> };

/** @param type the command as it is typed for another environment. @throws ThreadsError UNKNOWN_ENVIRONMENT (usage), ENVIRONMENT_WITHOUT_ECS (refused) */
export function ecsEnvironment(
  config: Pick<Config, "environments">,
  name: string,
  type: (environment: string) => string,
): EcsEnvironment {
  const found = environmentNamed(config, name, type, hasEcs);
  if (hasEcs(found)) return found;
  const others = Object.values(config.environments).filter(hasEcs);
  throw new ThreadsError("ENVIRONMENT_WITHOUT_ECS", {
    message: `${name} ${found.hosts === undefined ? "runs nowhere" : "runs on hosts of its own"}, and not on ECS`,
    next: others.length === 0 ? ["threads help ecs"] : others.map((environment) => type(environment.name)),
  });
}

export function hasEcs(environment: EnvironmentConfig): environment is EcsEnvironment {
  return environment.ecs !== undefined;
}
