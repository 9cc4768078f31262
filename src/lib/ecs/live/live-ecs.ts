import type { Cluster, Service, Task, TaskDefinition } from "@aws-sdk/client-ecs";

/** What ECS has and runs, as it says so itself: a port. Reads only; each @throws ThreadsError CLUSTER_NOT_FOUND, ECS_INCOMPLETE, ACCESS_DENIED … */
export interface LiveEcs {
  /** Undefined where there is none of that name or ARN. */
  cluster(cluster: string): Promise<Cluster | undefined>;
  /** By name. What is not there is absent, and so is what was deleted and is still remembered. */
  services(cluster: string, names: readonly string[]): Promise<ReadonlyMap<string, Service>>;
  /** By ARN, or `family:revision`; one that was deregistered is still readable. */
  definition(arn: string): Promise<TaskDefinition>;
  /** Families that begin so and have a definition that may be run. */
  families(prefix: string): Promise<readonly string[]>;
  /** ARNs of a family's definitions that may be run, the newest first: so many of them at most. */
  newest(family: string, most: number): Promise<NewestDefinitions>;
  /** Every task of the cluster that runs, or is to run. */
  tasks(cluster: string): Promise<readonly Task[]>;
}

export interface NewestDefinitions {
  readonly arns: readonly string[];
  /** There are older ones. */
  readonly hasMore: boolean;
}
