import { existsSync } from "node:fs";
import { dirname, resolve } from "node:path";
import { Document, isMap, isSeq } from "yaml";
import type { RawEnvFile, RawModel } from "./raw-model.ts";

/**
 * A compose file that gives services the application's environment where an `env_file` of theirs is not there: mostly an
 * uncommitted `.env`, for which the host has a file of its own, too.
 * @param files absolute paths; relative ones in them start at the first one's folder
 * @param environment what stands in for them
 * @returns undefined where all are there
 */
export function environmentOverride(
  model: RawModel,
  { files, environment }: { readonly files: readonly string[]; readonly environment: string },
): string | undefined {
  const folder = dirname(files[0] ?? "");
  const instead = (entry: RawEnvFile): RawEnvFile | string => {
    if (entry.path.startsWith("$") || entry.required === false) return entry;
    const path = resolve(folder, entry.path);
    return existsSync(path) ? { ...entry, path } : environment;
  };
  const changed = Object.entries(model.services).flatMap(([name, service]) => {
    const entries = (service.env_file ?? []).map(instead);
    return entries.includes(environment) ? [[name, { env_file: entries }] as const] : [];
  });
  if (changed.length === 0) return undefined;
  const document = new Document({ services: Object.fromEntries(changed) });
  for (const [name] of changed) {
    const service = document.getIn(["services", name]);
    const list: unknown = isMap(service) ? service.get("env_file", true) : undefined;
    // Compose would read the missing one, too.
    if (isSeq(list)) list.tag = "!override";
  }
  return document.toString({ lineWidth: 0 });
}
