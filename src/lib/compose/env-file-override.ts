import { dirname, resolve } from "node:path";
import { Document, isMap, isSeq } from "yaml";
import type { RawEnvFile, RawModel } from "./raw-model.ts";

interface Wanted {
  /** Absolute paths; relative ones in them start at the first one's folder. */
  readonly files: readonly string[];
  /** What stands in for files that are not ours. */
  readonly environment: string;
  /** Whether a file is there, and the repository's. @param path absolute */
  readonly isOurs: (path: string) => boolean;
  /** It stands in for files that need not be there, too: a host has one for them. */
  readonly optionalToo: boolean;
}

/** Absolute paths of all files that services read variables from; one that a variable names is told by nobody but compose. */
export function envFilePaths(model: RawModel, files: readonly string[]): string[] {
  const entries = Object.values(model.services).flatMap(({ env_file: list = [] }) => list);
  const fixed = entries.filter(({ path }) => !path.startsWith("$"));
  return [...new Set(fixed.map(({ path }) => resolve(folderOf(files), path)))];
}

/**
 * A compose file that gives services the application's environment in the place of each `env_file` that is not ours: mostly
 * an uncommitted `.env`, for which the host has a file of its own, too.
 * @returns undefined where all are ours
 */
export function environmentOverride(model: RawModel, wanted: Wanted): string | undefined {
  const { files, environment, isOurs, optionalToo } = wanted;
  const instead = (entry: RawEnvFile): RawEnvFile | string => {
    const path = resolve(folderOf(files), entry.path);
    if (entry.path.startsWith("$")) return entry;
    if (isOurs(path)) return { ...entry, path };
    return entry.required === false && !optionalToo ? entry : environment;
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
    // Compose would read the other one, too.
    if (isSeq(list)) list.tag = "!override";
  }
  return document.toString({ lineWidth: 0 });
}

function folderOf([first = ""]: readonly string[]): string {
  return dirname(first);
}
