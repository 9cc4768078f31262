import { ThreadsError } from "../errors/threads-error.ts";
import type { Config, EnvironmentConfig } from "./config.ts";
import { suggest } from "./suggest.ts";

/** @param type the command as it is typed for another environment. @throws ThreadsError UNKNOWN_ENVIRONMENT (usage) */
export function environmentOf(
  config: Pick<Config, "environments">,
  name: string,
  type: (environment: string) => string,
): EnvironmentConfig {
  const found = config.environments[name];
  if (found !== undefined) return found;
  const known = Object.keys(config.environments);
  const meant = suggest(name, known);
  throw new ThreadsError("UNKNOWN_ENVIRONMENT", {
    message: `threads.yml has no environment ${JSON.stringify(name)}, only ${known.join(", ")}`,
    next: (meant === undefined ? known : [meant, ...known.filter((one) => one !== meant)]).map(type),
  });
}
