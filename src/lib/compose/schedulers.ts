import type { Problem } from "./problem.ts";
import type { OpenService } from "./raw-model.ts";

/** What an image runs where a service does not say otherwise. */
export interface ImageDefaults {
  readonly entrypoint?: readonly string[];
  readonly command?: readonly string[];
}

/**
 * What an environment may have once only: a scheduler inside of a worker (`celery worker -B`) starts in every slot and on every
 * host, and a singleton of which the file wants several is none.
 * @param singletons services of which threads.yml wants one in an environment
 */
export function schedulerProblems(
  services: Readonly<Record<string, OpenService>>,
  singletons: readonly string[],
): Problem[] {
  return Object.entries(services).flatMap(([service, one]): Problem[] => {
    const isSingle = singletons.includes(service);
    const replicas = one.scale ?? one.deploy?.replicas ?? 1;
    if (isSingle && Number(replicas) > 1)
      return [{ service, says: `has ${replicas} replicas, but runtime.singletons in threads.yml wants one of it` }];
    return isSingle || !hasScheduler(wordsOf(one, {})) ? [] : [{ service, says: schedulerInside }];
  });
}

/** The same of a service whose image says what it runs. */
export function runsScheduler(service: Pick<OpenService, "command" | "entrypoint">, image: ImageDefaults): boolean {
  return hasScheduler(wordsOf(service, image));
}

export const schedulerInside = `runs a scheduler inside of a worker (celery -B), of which both slots and every host would have one: give celery beat a service of its own, and list that in runtime.singletons of threads.yml`;

/** As docker puts them together: another entrypoint takes the image's command away. */
function wordsOf({ command, entrypoint }: Pick<OpenService, "command" | "entrypoint">, image: ImageDefaults): string[] {
  const isOwn = entrypoint !== undefined && entrypoint !== null;
  const first = isOwn ? entrypoint : (image.entrypoint ?? []);
  const rest = command ?? (isOwn ? [] : (image.command ?? []));
  return [first, rest].flat().flatMap((word) => word.split(/\s+/));
}

/** `celery -A app worker -B` or `--beat`, in either form that compose prints; `-EB` as well. */
function hasScheduler(words: readonly string[]): boolean {
  const worker = words.indexOf("worker");
  const isCelery = words.slice(0, worker).some((word) => /(?:^|\/)celery$/.test(word));
  return worker > 0 && isCelery && words.slice(worker + 1).some((word) => /^-[DE]*B/.test(word) || word === "--beat");
}
