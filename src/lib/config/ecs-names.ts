import type { EcsConfig, EcsTaskConfig } from "./config.ts";

/** A name as ECS takes it for containers, services and families. */
export function ecsName(name: string): string {
  return name.replaceAll(".", "-");
}

/** What names of an environment's services begin with, where threads.yml does not name them. */
export function servicePrefix(app: string, environment: string): string {
  return ecsName(`${app}-${environment}-`);
}

/** What ECS calls the service of a task. @param task its name in threads.yml, or that of its compose service */
export function serviceName(
  { name }: Partial<Pick<EcsTaskConfig, "name">>,
  { app, environment, task }: { readonly app: string; readonly environment: string; readonly task: string },
): string {
  return name ?? `${servicePrefix(app, environment)}${ecsName(task)}`;
}

/** Log group of an environment's tasks. */
export function logGroupOf({ logGroup }: Pick<EcsConfig, "logGroup">, app: string, environment: string): string {
  return logGroup ?? `/${app}/${environment}`;
}

/** What names of all log streams of an environment begin with: several may share a log group. */
export function streamsBegin(app: string, environment: string): string {
  return `${app}/${environment}/`;
}
