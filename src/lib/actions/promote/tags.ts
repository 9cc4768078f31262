import type { Config, EnvironmentConfig } from "../../config/config.ts";
import { suggest } from "../../config/suggest.ts";
import { ThreadsError } from "../../errors/threads-error.ts";
import { requireTag } from "../../image/tag.ts";
import { promotedTag } from "../../release/release.ts";

/** Semantic Versioning 2.0.0 without build metadata, with or without the usual `v`. */
const version = /^v?(?:0|[1-9]\d*)\.(?:0|[1-9]\d*)\.(?:0|[1-9]\d*)(?:-[0-9A-Za-z-]+(?:\.[0-9A-Za-z-]+)*)?$/;

/** The tags that a promotion gives: the version first where there is one, the environment's own last, because it is the commit point. */
export function tagsFor(environment: string, revision: string, as: string | undefined): readonly string[] {
  const own = requireTag(promotedTag(environment, revision));
  return as === undefined ? [own] : [requireVersion(as), own];
}

/** @throws ThreadsError NOT_A_VERSION (usage) */
export function requireVersion(text: string): string {
  if (version.test(text)) return requireTag(text);
  const plus = text.includes("+");
  throw new ThreadsError("usage", {
    code: "NOT_A_VERSION",
    message: plus
      ? `${JSON.stringify(text)} has build metadata, and an image tag cannot have a "+"`
      : `${JSON.stringify(text)} is not a version like v1.2.3`,
    next: [plus ? `--as ${text.replaceAll("+", "-")}` : "--as v1.2.3"],
  });
}

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
  throw new ThreadsError("usage", {
    code: "UNKNOWN_ENVIRONMENT",
    message: `threads.yml has no environment ${JSON.stringify(name)}, only ${known.join(", ")}`,
    next: (meant === undefined ? known : [meant, ...known.filter((one) => one !== meant)]).map(type),
  });
}
