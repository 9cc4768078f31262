import type { Service } from "./schedule/service.ts";
import type { Task } from "./schedule/task.ts";

type Fields = Readonly<Record<string, unknown>>;

export interface Tag {
  readonly key: string;
  readonly value: string;
}

/** A revision of a family; it never changes, but for whether it may still be used. */
export interface Definition {
  readonly family: string;
  readonly revision: number;
  status: "ACTIVE" | "INACTIVE";
  /** Epoch seconds, as all times here. */
  readonly registeredAt: number;
  readonly registeredBy: string;
  deregisteredAt?: number;
  /** As it was registered, with what ECS fills in. */
  readonly body: Fields & { readonly containerDefinitions: readonly Fields[] };
  readonly tags: readonly Tag[];
}

export interface Cluster {
  readonly name: string;
  readonly status: "ACTIVE";
  readonly tags: readonly Tag[];
}

/** Of a RunTask with a token: asked again with the same words it answers the same tasks. */
export interface Run {
  readonly request: string;
  readonly tasks: readonly string[];
}

export interface EcsState {
  readonly clusters: Record<string, Cluster>;
  /** The newest revision of each family: deregistered ones count. */
  readonly revisions: Record<string, number>;
  /** By `family:revision`. */
  readonly definitions: Record<string, Definition>;
  /** By `cluster/name`. */
  readonly services: Record<string, Service>;
  /** By id. */
  readonly tasks: Record<string, Task>;
  /** By `cluster/token`. */
  readonly runs: Record<string, Run>;
}

export function emptyState(): EcsState {
  return { clusters: {}, revisions: {}, definitions: {}, services: {}, tasks: {}, runs: {} };
}

/** What is there under a name, and not what every object has. */
export function at<T>(record: Readonly<Record<string, T>>, key: string): T | undefined {
  return Object.hasOwn(record, key) ? record[key] : undefined;
}
