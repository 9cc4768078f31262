import { posix } from "node:path";
import { parse } from "yaml";

interface Named {
  readonly include?: unknown;
  readonly services?: unknown;
}

/**
 * What compose reads besides, before it can tell what a file says: files that it includes, with their environment files, and
 * files whose services it extends. Paths of the host are left out.
 * @param path of the file: what it names lies beside it. @returns none for what is no compose file, which compose says better
 */
export function filesNeeded(text: string, path: string): string[] {
  const folder = posix.dirname(path);
  return namesNeeded(text)
    .filter((one) => !posix.isAbsolute(one))
    .map((one) => posix.join(folder, one));
}

/** The same as it stands there: paths of the host, addresses and variables among it. */
export function namesNeeded(text: string): string[] {
  const file = parsed(text);
  return [...listOf(file.include).flatMap(included), ...Object.values(objectOf(file.services)).flatMap(extended)];
}

/** The environment files that compose takes by itself for what a file includes, where they are there: `.env` beside it. */
export function namesTaken(text: string): string[] {
  return listOf(parsed(text).include).flatMap((entry) => {
    const { path = entry, env_file: envFile, project_directory: folder } = objectOf(entry);
    const [first] = listOf(path);
    if (envFile !== undefined || typeof first !== "string") return [];
    return [posix.join(typeof folder === "string" ? folder : posix.dirname(first), ".env")];
  });
}

/** `- other.yml`, or an object with one path or several. */
function included(entry: unknown): string[] {
  if (typeof entry === "string") return [entry];
  const { path, env_file: envFile } = objectOf(entry);
  return [...listOf(path), ...listOf(envFile)].filter((one) => typeof one === "string");
}

function extended(service: unknown): string[] {
  const { file } = objectOf(objectOf(service)["extends"]);
  return typeof file === "string" ? [file] : [];
}

function parsed(text: string): Named {
  try {
    return objectOf(parse(text, { merge: true, logLevel: "silent" }));
  } catch {
    return {};
  }
}

function objectOf(value: unknown): Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null ? (value as Readonly<Record<string, unknown>>) : {};
}

function listOf(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : value === undefined || value === null ? [] : [value];
}
