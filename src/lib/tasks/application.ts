import { ecsName, serviceName, servicePrefix } from "../config/ecs-names.ts";
import type { EcsEnvironment } from "../ecs/environment-on-ecs.ts";
import type { Config, EcsTaskConfig } from "../config/config.ts";
import type { Member } from "../fleet/target.ts";

/** The application of one environment in its cluster: what gets a release as a whole there. */
export interface Application {
  readonly app: string;
  readonly environment: string;
  /** As ECS takes it: a name, or an ARN. */
  readonly cluster: string;
  /** Its member in the ledger: `ecs:shop/shop-prod`. */
  readonly id: string;
  /** What names of its services begin with, where threads.yml does not name them. */
  readonly prefix: string;
  /** Names of services that threads.yml knows of; a release may have more. */
  readonly services: readonly string[];
  /** Families of what is run once a deployment. */
  readonly oneOffs: readonly string[];
  /** What containers are called in a compose file, by their names on ECS: the same but for dots. */
  readonly composeNames: ReadonlyMap<string, string>;
}

type Known = Pick<Config, "app" | "services"> & { readonly runtime: Pick<Config["runtime"], "migrate"> };

export function applicationOf({ name, ecs }: EcsEnvironment, { app, services, runtime }: Known): Application {
  const { migrate } = runtime;
  const prefix = servicePrefix(app, name);
  const placed = new Set(Object.entries(ecs.services).flatMap(([task, { containers = [task] }]) => containers));
  const alone = services.filter((one) => !placed.has(one)).map((one) => [one, { containers: [one] }] as const);
  const tasks: readonly (readonly [string, Task])[] = [...Object.entries(ecs.services), ...alone];
  const isOneOff = ([task, { containers = [task] }]: readonly [string, Task]): boolean =>
    migrate !== undefined && containers.includes(migrate);
  const called = ([task, own]: readonly [string, Task]): string => serviceName(own, { app, environment: name, task });
  const family = (one: readonly [string, Task]): string => one[1].family ?? called(one);
  const oneOffs = tasks.filter(isOneOff).map(family);
  return {
    app,
    environment: name,
    cluster: ecs.cluster,
    id: `ecs:${clusterName(ecs.cluster)}/${app}-${name}`,
    prefix,
    services: tasks.filter((one) => !isOneOff(one)).map(called),
    oneOffs: migrate !== undefined && oneOffs.length === 0 ? [`${prefix}${ecsName(migrate)}`] : oneOffs,
    composeNames: new Map(services.map((one) => [ecsName(one), one])),
  };
}

type Task = Partial<Pick<EcsTaskConfig, "name" | "family" | "containers">>;

export function clusterName(cluster: string): string {
  return cluster.slice(cluster.lastIndexOf("/") + 1);
}

export function memberOf({ id }: Pick<Application, "id">, online: boolean): Member {
  return { id, name: id, online };
}

/** Who runs a task once, in ECS's own record of it: so that others see whose it is. */
export function startedBy({ app, environment }: Application, number: number): string {
  return `${startedByPrefix({ app, environment })}${number}`;
}

export function startedByPrefix({ app, environment }: Pick<Application, "app" | "environment">): string {
  return `threads/${app.replaceAll(/[^A-Za-z0-9_-]/g, "-")}/${environment.replaceAll(/[^A-Za-z0-9_-]/g, "-")}/`.slice(
    0,
    118,
  );
}
