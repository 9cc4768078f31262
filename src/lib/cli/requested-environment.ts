import type { Config, EnvironmentConfig } from "../config/config.ts";
import { type TypedLine, lineText, typedConfig, withEnvironment } from "./typed-line.ts";

/** What some commands have nothing to do without. */
export type Needed = keyof typeof has;

/** What a command asks of the environment that -e names. */
export interface Request {
  readonly line: TypedLine;
  readonly needs: Needed | undefined;
}

const has = {
  /** To be deployed to: fleet/hosts.ts says the same, and is not loaded for that. */
  target: ({ hosts, ecs }: EnvironmentConfig): boolean => hosts !== undefined || ecs !== undefined,
  hosts: ({ hosts }: EnvironmentConfig): boolean => hosts !== undefined,
  ecs: ({ ecs }: EnvironmentConfig): boolean => ecs !== undefined,
  gates: ({ requiresPromotion }: EnvironmentConfig): boolean => requiresPromotion,
  approvals: ({ gates }: EnvironmentConfig): boolean => gates.approvals !== undefined,
} as const;

/**
 * Refuses an environment that threads.yml does not have before anything else is looked at, with the line as it was typed
 * for those that it has. What is wrong with threads.yml itself, the command tells.
 * @throws ThreadsError UNKNOWN_ENVIRONMENT (usage), ENVIRONMENT_WITHOUT_HOSTS, ENVIRONMENT_WITHOUT_ECS, NOT_ON_ECS (refused)
 */
export async function requireEnvironment(
  name: string,
  { line, needs }: Request,
  config: () => Promise<Config>,
): Promise<void> {
  const found = await config().catch(() => undefined);
  if (found === undefined) return;
  const type = (other: string): string => lineText(withEnvironment(line, other));
  if (needs === "target") (await import("../fleet/hosts.ts")).deployableEnvironment(found, name, type);
  else if (needs === "hosts") (await import("../fleet/hosts.ts")).hostedEnvironment(found, name, type);
  else if (needs === "ecs") (await import("../ecs/environment-on-ecs.ts")).ecsEnvironment(found, name, type);
  else (await import("../config/environment.ts")).environmentOf(found, name, type, offered(needs));
}

/** Those that may be named instead of none; empty where threads.yml does not tell. */
export async function environmentsFor({ line, needs }: Request): Promise<readonly string[]> {
  const file = typedConfig(line) ?? process.env["THREADS_CONFIG"];
  try {
    const { loadConfig } = await import("../config/load.ts");
    const config = loadConfig({ start: process.cwd(), file, env: process.env });
    return (await import("../config/environment.ts")).fitting(config, offered(needs));
  } catch {
    return [];
  }
}

function offered(needs: Needed | undefined): (environment: EnvironmentConfig) => boolean {
  return needs === undefined ? () => true : has[needs];
}
