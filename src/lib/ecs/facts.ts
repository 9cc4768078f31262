import type { Resources } from "../compose/raw-model.ts";
import type { EcsConfig } from "../config/config.ts";
import type { ImageFacts } from "./image-facts.ts";

/** What a translation is made from: a release, and the environment that it goes to. */
export interface EcsFacts {
  readonly app: string;
  readonly environment: string;
  readonly ecs: EcsConfig;
  readonly region: string;
  readonly model: Resources;
  /** One-shot service that runs before anything is switched. */
  readonly migrate: string | undefined;
  /** Services that are built here (threads.yml, services). */
  readonly released: readonly string[];
  /** Services of which an environment runs exactly one. */
  readonly singletons: readonly string[];
  /** `host/repository@sha256:…` by service. */
  readonly images: Readonly<Record<string, string>>;
  /** By service; what is not known yet, as before a release is published, is judged by nobody. */
  readonly imageFacts: Readonly<Record<string, ImageFacts>>;
  readonly settings: Settings;
  /**
   * What compose reads of the environment files that travel in the bundle, by their paths there, with variables open as in a compose
   * file; undefined where nobody has read them.
   */
  readonly envFiles: ReadonlyMap<string, ReadonlyMap<string, string>> | undefined;
  /** Of the release. */
  readonly revision: string;
  readonly tree: string;
  /** Digest of the bundle. */
  readonly bundle: string;
  /** Names that the application's environment must have. */
  readonly requiredKeys: readonly string[];
}

/** The application's own settings: their names, and where ECS finds the values. */
export interface Settings {
  /** `env_from` of the environment; undefined where it has none. */
  readonly from: string | undefined;
  /** Undefined where nobody has asked. */
  readonly names: ReadonlySet<string> | undefined;
  /** File on a host that a compose file may name (runtime.env_file). */
  readonly hostFile: string;
}

/** What is set for compose files: by threads itself, here as on hosts, and by the environment. */
export function ownVariables({ revision, tree, ecs }: OwnFacts): ReadonlyMap<string, string> {
  return new Map(Object.entries({ ...ecs.variables, REVISION: revision, TREE: tree }));
}

type OwnFacts = Pick<EcsFacts, "revision" | "tree"> & { readonly ecs: Pick<EcsConfig, "variables"> };

/** Where in threads.yml the environment sets them. */
export function variablesKey({ environment }: Pick<EcsFacts, "environment">): string {
  return `environments.${environment}.ecs.variables`;
}

/** Where in threads.yml a task is described. */
export function taskKey({ environment }: Pick<EcsFacts, "environment">, task: string): string {
  return `environments.${environment}.ecs.services.${task}`;
}
