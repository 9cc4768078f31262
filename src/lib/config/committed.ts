import type { Config } from "./config.ts";
import { parseThreadsYaml } from "./parse.ts";

/**
 * The configuration that another threads.yml of the same place would give: what this machine adds to the file stays.
 * @throws ThreadsError CONFIG_INVALID
 */
export function configIn(text: string, { root, file, registry }: Config): Config {
  const parsed = parseThreadsYaml(text, file);
  return { ...parsed, root, file, registry: { ...parsed.registry, repository: registry.repository } };
}
