import type { Config } from "../config/config.ts";
import { type TypedLine, lineText, typedConfig, withEnvironment } from "./typed-line.ts";

/** What a command asks of the environment that -e names. */
export interface Request {
  readonly line: TypedLine;
  readonly needsHosts: boolean;
}

/**
 * Refuses an environment that threads.yml does not have before anything else is looked at, with the line as it was typed
 * for those that it has. What is wrong with threads.yml itself, the command tells.
 * @throws ThreadsError UNKNOWN_ENVIRONMENT (usage), ENVIRONMENT_WITHOUT_HOSTS (refused)
 */
export async function requireEnvironment(
  name: string,
  { line, needsHosts }: Request,
  config: () => Promise<Config>,
): Promise<void> {
  const found = await config().catch(() => undefined);
  if (found === undefined) return;
  const type = (other: string): string => lineText(withEnvironment(line, other));
  if (needsHosts) (await import("../fleet/hosts.ts")).hostedEnvironment(found, name, type);
  else (await import("../config/environment.ts")).environmentOf(found, name, type);
}

/** Those that may be named instead of none; empty where threads.yml does not tell. */
export async function environmentsFor({ line, needsHosts }: Request): Promise<readonly string[]> {
  const file = typedConfig(line) ?? process.env["THREADS_CONFIG"];
  try {
    const { loadConfig } = await import("../config/load.ts");
    const { environments } = loadConfig({ start: process.cwd(), file, env: process.env });
    const all = Object.values(environments);
    return all.filter(({ hosts }) => !needsHosts || hosts !== undefined).map(({ name }) => name);
  } catch {
    return [];
  }
}
