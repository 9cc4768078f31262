import type { Compose } from "../../compose/docker-compose.ts";
import type { Config } from "../../config/config.ts";
import type { LocalImage } from "../../docker/image.ts";
import type { DockerImages } from "../../docker/images.ts";
import { type Progress, step } from "../../progress/progress.ts";
import { list } from "../../text/words.ts";
import type { ReleaseModel } from "./release-model.ts";
import { type LocalNames, localName } from "./plan.ts";

/** Images of the release are as smoke has tagged them; those from elsewhere are what the runtime's files say. */
export function namesHere(
  revision: string,
  { elsewhere, notBuilt }: Pick<ReleaseModel, "elsewhere" | "notBuilt">,
  { app }: Pick<Config, "app">,
): LocalNames {
  return {
    nameOf: (service) => elsewhere[service] ?? localName(app, service, revision),
    isBuilt: (service) => elsewhere[service] === undefined && !notBuilt.includes(service),
    isPulled: (service) => elsewhere[service] !== undefined,
  };
}

interface LocalPorts {
  readonly docker: Pick<DockerImages, "inspect">;
  readonly compose: Pick<Compose, "images" | "pull">;
  readonly progress: Progress;
  readonly signal: AbortSignal;
}

/** What docker has, by the names that were asked for; images from elsewhere are fetched where they are missing. */
export async function imagesHere(
  { elsewhere }: Pick<ReleaseModel, "elsewhere">,
  want: { readonly names: LocalNames; readonly services: readonly string[]; readonly dryRun: boolean },
  ports: LocalPorts,
): Promise<ReadonlyMap<string, LocalImage>> {
  const own = want.services
    .filter((service) => !want.names.isPulled(service))
    .map((service) => want.names.nameOf(service));
  const built = await ports.docker.inspect(own);
  return new Map([...built, ...(await elsewhereHere(Object.values(elsewhere), { pulls: !want.dryRun }, ports))]);
}

/** What docker has of images from elsewhere, by their references. @param how.pulls those that are missing are fetched */
export async function elsewhereHere(
  asked: readonly string[],
  how: { readonly pulls: boolean },
  ports: Omit<LocalPorts, "docker">,
): Promise<ReadonlyMap<string, LocalImage>> {
  const { compose, progress, signal } = ports;
  const references = [...new Set(asked)];
  const there = new Map(await byReference(references, ports));
  const missing = references.filter((reference) => !there.has(reference));
  if (missing.length === 0 || !how.pulls) return there;
  await step(progress, `Pull ${list(missing)}`, () =>
    Promise.all(missing.map((reference) => compose.pull(reference, { signal }))),
  );
  return new Map([...there, ...(await byReference(missing, ports))]);
}

/** One by one: docker gives `docker.io/library/redis`, or a digest, another name than the one that it was asked for. */
async function byReference(
  references: readonly string[],
  { compose, signal }: Pick<LocalPorts, "compose" | "signal">,
): Promise<[string, LocalImage][]> {
  const found = references.map(async (reference): Promise<[string, LocalImage][]> => {
    const [image] = await compose.images([reference], signal);
    return image === undefined ? [] : [[reference, image]];
  });
  return (await Promise.all(found)).flat();
}

/** What smoke cannot tell, since hosts have compose files of their own: a sentence a service. */
export function ignoredStartIntervals(
  { startIntervals }: Pick<ReleaseModel, "startIntervals">,
  names: Pick<LocalNames, "nameOf">,
  local: ReadonlyMap<string, LocalImage>,
): string[] {
  return startIntervals
    .filter((service) => local.get(names.nameOf(service))?.hasStartPeriod === false)
    .map(
      (service) => `on hosts docker ignores start_interval in the health check of ${service}: give it a start_period`,
    );
}
