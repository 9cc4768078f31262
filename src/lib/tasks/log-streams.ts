import type { Config } from "../config/config.ts";
import { ecsName, streamsBegin } from "../config/ecs-names.ts";
import type { EcsEnvironment } from "../ecs/environment-on-ecs.ts";

/** How streams of an environment are called: `<application>/<environment>/<task>/<container>/<id of the task>`. */
export interface LogStreams {
  /** What names of all of them begin with; whatever else is in the log group is another's. */
  readonly begin: string;
  /** Every service that threads.yml knows of, by the compose file's names. */
  readonly services: readonly string[];
  /** What names of a service's streams begin with. */
  prefixOf(service: string): string;
  /** Whose stream that is. */
  serviceOf(stream: string): string;
}

export function logStreams(
  { name, ecs }: EcsEnvironment,
  {
    app,
    services,
    runtime,
  }: Pick<Config, "app" | "services"> & { readonly runtime: Pick<Config["runtime"], "migrate"> },
): LogStreams {
  const grouped = Object.entries(ecs.services).flatMap(([task, { containers = [task] }]) =>
    containers.map((one): [string, string] => [one, task]),
  );
  const taskOf = new Map(grouped);
  const all = [
    ...new Set([...services, ...taskOf.keys(), ...(runtime.migrate === undefined ? [] : [runtime.migrate])]),
  ];
  const called = new Map(all.map((one) => [ecsName(one), one]));
  const begin = streamsBegin(app, name);
  return {
    begin,
    services: all,
    prefixOf: (service) => `${begin}${ecsName(taskOf.get(service) ?? service)}/${ecsName(service)}/`,
    serviceOf: (stream) => {
      const container = stream.split("/").at(-2) ?? stream;
      return called.get(container) ?? container;
    },
  };
}
