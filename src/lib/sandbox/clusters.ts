import type { Config, EnvironmentConfig } from "../config/config.ts";
import { logGroupOf } from "../config/ecs-names.ts";
import { hostId } from "./layout.ts";
import type { MachineState } from "./state.ts";

type OnEcs = EnvironmentConfig & { readonly ecs: NonNullable<EnvironmentConfig["ecs"]> };

/** The environments of threads.yml that run on ECS. */
export function environmentsOnEcs({ environments }: Pick<Config, "environments">): readonly OnEcs[] {
  return Object.values(environments).filter((one): one is OnEcs => one.ecs !== undefined);
}

/**
 * One machine for each cluster that threads.yml names, whatever its launch type: what Fargate has are machines of others, and a
 * sandbox has no others. It is a host of no environment, so no command takes it for one.
 */
export function machinesOf(config: Pick<Config, "environments">, id: string): readonly MachineState[] {
  const all = environmentsOnEcs(config).map((one) => ({ ...one.ecs, env: one.name, cluster: nameIn(one.ecs.cluster) }));
  const names = [...new Set(all.map(({ cluster }) => cluster))];
  return names.map((cluster) => {
    const own = all.filter((one) => one.cluster === cluster);
    // No host's name has a dot.
    const name = `ecs.${cluster}`;
    const role = nameIn(own[0]?.executionRole ?? "");
    const isInstance = own.some(({ launchType }) => launchType === "EC2");
    return { id: hostId(id, name), name, cluster, environments: own.map(({ env }) => env), role, isInstance };
  });
}

/** Of the tasks of all that runs on ECS, each once. */
export function logGroupsOf({ app, ...config }: Pick<Config, "app" | "environments">): readonly string[] {
  return [...new Set(environmentsOnEcs(config).map(({ name, ecs }) => logGroupOf(ecs, app, name)))];
}

/** The last part of an ARN, or the name itself. */
export function nameIn(arn: string): string {
  return arn.slice(arn.lastIndexOf("/") + 1);
}
