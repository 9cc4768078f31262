import { edgeName } from "../release/release.ts";
import type { Config } from "./config.ts";

/** The part of the configuration that names what is published. */
export type NamingConfig = Pick<Config, "services" | "registry"> & {
  readonly runtime: Pick<Config["runtime"], "strategy">;
};

/** What `publish` gives a repository, or a part of a tag, as far as threads.yml alone tells: services, edge, and bundle last. */
export function publishedNames({ services, registry, runtime }: NamingConfig): readonly string[] {
  const hasEdge = runtime.strategy !== "recreate" && !services.includes(edgeName);
  return [...services, ...(hasEdge ? [edgeName] : []), registry.bundle];
}
