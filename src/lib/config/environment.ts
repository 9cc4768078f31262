import { ThreadsError } from "../errors/threads-error.ts";
import type { Config, EnvironmentConfig } from "./config.ts";
import { suggest } from "./suggest.ts";

/** @param type the command as it is typed for another environment. @param offered those that it makes sense for. @throws ThreadsError UNKNOWN_ENVIRONMENT (usage) */
export function environmentOf(
  config: Pick<Config, "environments">,
  name: string,
  type: (environment: string) => string,
  offered: (environment: EnvironmentConfig) => boolean = () => true,
): EnvironmentConfig {
  const found = config.environments[name];
  if (found !== undefined) return found;
  const known = Object.keys(config.environments);
  const fit = fitting(config, offered);
  const meant = suggest(name, fit);
  const hint = meant === undefined ? "" : `; did you mean ${meant}?`;
  throw new ThreadsError("UNKNOWN_ENVIRONMENT", {
    message: `threads.yml has no environment ${JSON.stringify(name)}, only ${known.join(", ")}${hint}`,
    next: (meant === undefined ? fit : [meant, ...fit.filter((one) => one !== meant)]).map(type),
  });
}

/** Names of the environments that a command makes sense for; of all, where it does for none: each says what it lacks. */
export function fitting(
  { environments }: Pick<Config, "environments">,
  offered: (environment: EnvironmentConfig) => boolean,
): readonly string[] {
  const fit = Object.entries(environments).flatMap(([name, environment]) => (offered(environment) ? [name] : []));
  return fit.length === 0 ? Object.keys(environments) : fit;
}
