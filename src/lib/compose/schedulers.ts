import type { Problem } from "./problem.ts";
import type { OpenService } from "./raw-model.ts";

/**
 * What an environment may have once only: a scheduler inside of a worker (`celery worker -B`) starts in every slot and on every
 * host, and a singleton of which the file wants several is none.
 * @param singletons services of which threads.yml wants one in an environment
 */
export function schedulerProblems(
  services: Readonly<Record<string, OpenService>>,
  singletons: readonly string[],
): Problem[] {
  return Object.entries(services).flatMap(([service, { command, scale, deploy }]): Problem[] => {
    const isSingle = singletons.includes(service);
    const replicas = scale ?? deploy?.replicas ?? 1;
    if (isSingle && Number(replicas) > 1)
      return [{ service, says: `has ${replicas} replicas, but runtime.singletons in threads.yml wants one of it` }];
    if (isSingle || !hasScheduler(command)) return [];
    const says = `runs a scheduler inside of a worker (celery -B), of which both slots and every host would have one: give celery beat a service of its own, and list that in runtime.singletons of threads.yml`;
    return [{ service, says }];
  });
}

/** `celery -A app worker -B` or `--beat`, in either form that compose prints. */
function hasScheduler(command: unknown): boolean {
  const words = (Array.isArray(command) ? command : [command]).flatMap((word) =>
    typeof word === "string" ? word.split(/\s+/) : [],
  );
  const worker = words.indexOf("worker");
  const isCelery = words.slice(0, worker).some((word) => /(?:^|\/)celery$/.test(word));
  return worker > 0 && isCelery && words.slice(worker + 1).some((word) => word === "-B" || word === "--beat");
}
