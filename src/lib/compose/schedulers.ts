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
    const says = isSingle || Number(replicas) === 0 ? undefined : runsScheduler(one, {});
    return says === undefined ? [] : [{ service, says }];
  });
}

/**
 * The same of a service whose image says what it runs.
 * @returns what is wrong where it has a scheduler, and is no singleton
 */
export function runsScheduler(
  service: Pick<OpenService, "command" | "entrypoint">,
  image: ImageDefaults,
): string | undefined {
  const words = wordsOf(service, image);
  if (words.some((word) => locksItself.test(word))) return undefined;
  if (hasScheduler(words)) return schedulerInside;
  const beat = words.findIndex((word, at) => word === "beat" && !isValue(words[at - 1] ?? ""));
  return isCelery(words, beat) ? schedulerItself : undefined;
}

/** Of several such schedulers one is at work, by a lock in Redis. */
const locksItself = /(?:^|[/.:])(?:single-beat$|redbeat\b|RedBeatScheduler$)/;

const schedulerItself = `runs a scheduler (celery beat), of which both slots and every host would have one: list it in runtime.singletons of threads.yml`;
const schedulerInside = `runs a scheduler inside of a worker (celery -B), of which both slots and every host would have one: give celery beat a service of its own, and list that in runtime.singletons of threads.yml`;

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
  return isCelery(words, worker) && words.slice(worker + 1).some((word) => /^-[DE]*B/.test(word) || word === "--beat");
}

/** What follows such an option is its value: `celery -A beat worker`. */
const isValue = (before: string): boolean =>
  before.startsWith("-") && !before.includes("=") && !["-q", "--quiet", "-C", "--no-color"].includes(before);

const isCelery = (words: readonly string[], command: number): boolean =>
  words.slice(0, Math.max(command, 0)).some((word) => /(?:^|\/)celery$/.test(word));
