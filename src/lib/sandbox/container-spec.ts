import type { Config } from "../config/config.ts";
import { volume } from "./commands.ts";
import { objectName } from "./layout.ts";
import type { SandboxState } from "./state.ts";

/** One container as it should be. */
export interface ContainerSpec {
  /** Short name: `aws`, `prod-1`. */
  readonly part: string;
  readonly name: string;
  readonly image: string;
  readonly options: readonly string[];
  readonly env: Readonly<Record<string, string>>;
  readonly command: readonly string[];
}

export interface Images {
  readonly services: string;
  readonly host: string;
  readonly postgres: string;
  readonly redis: string;
}

export interface SpecOptions {
  readonly state: SandboxState;
  readonly images: Images;
  /** Path of the engine's socket, mounted into the server that executes commands on hosts. */
  readonly engineSocket: string;
  /** SSM tag that says which environment a host belongs to: key and value by environment. */
  readonly tags: Readonly<Record<string, { readonly tag: string; readonly value: string }>>;
  /** What runs beside the hosts. */
  readonly services: Config["sandbox"]["services"];
  /** Where a host answers, and where it keeps the application's environment file. */
  readonly runtime: Pick<Config["runtime"], "port" | "envFile">;
  /** Path of the health checks of target groups. */
  readonly checkedPath: string;
  /** Its name is the beginning of those of its roles. */
  readonly app: string;
}

/** Names inside the sandbox's network; a domain of their own keeps them apart from services of the application. */
export const inside = {
  registry: "registry.internal",
  aws: "aws.internal",
  postgres: "postgres.internal",
  redis: "redis.internal",
  balancer: "balancer.internal",
};

/** Its short name, and the one that docker knows. */
export function named(state: SandboxState, part: string): { part: string; name: string } {
  return { part, name: objectName(state.id, part) };
}

/** A name in the sandbox's network. */
export function alias(name: string): string[] {
  return ["--network-alias", name];
}

/** A named volume of the sandbox. */
export function data(state: SandboxState, part: string, target: string): string[] {
  return volume({ id: state.id, name: objectName(state.id, part), target });
}
