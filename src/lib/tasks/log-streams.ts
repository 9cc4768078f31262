import type { Config } from "../config/config.ts";
import { ecsName } from "../config/ecs-names.ts";
import type { EcsEnvironment } from "../ecs/environment-on-ecs.ts";

/** How streams of an environment's log group are called: `<task>/<container>/<id of the task>`. */
export interface LogStreams {
  /** Every service that threads.yml knows of, by the compose file's names. */
  readonly services: readonly string[];
  /** What names of a service's streams begin with. */
  prefixOf(service: string): string;
  /** Whose stream that is. */
  serviceOf(stream: string): string;
}

export function logStreams(
  { ecs }: EcsEnvironment,
  { services, runtime }: Pick<Config, "services"> & { readonly runtime: Pick<Config["runtime"], "migrate"> },
): LogStreams {
  const grouped = Object.entries(ecs.services).flatMap(([task, { containers = [task] }]) =>
    containers.map((one): [string, string] => [one, task]),
  );
  const taskOf = new Map(grouped);
  const all = [
    ...new Set([...services, ...taskOf.keys(), ...(runtime.migrate === undefined ? [] : [runtime.migrate])]),
  ];
  const called = new Map(all.map((one) => [ecsName(one), one]));
  return {
    services: all,
    prefixOf: (service) => `${ecsName(taskOf.get(service) ?? service)}/${ecsName(service)}/`,
    serviceOf: (stream) => {
      const container = stream.split("/").at(-2) ?? stream;
      return called.get(container) ?? container;
    },
  };
}
