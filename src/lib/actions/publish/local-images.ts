import type { Compose } from "../../compose/docker-compose.ts";
import type { Config } from "../../config/config.ts";
import type { LocalImage } from "../../docker/image.ts";
import type { DockerImages } from "../../docker/images.ts";
import { type Progress, step } from "../../progress/progress.ts";
import { list } from "../../text/words.ts";
import type { ReleaseModel } from "./release-model.ts";
import { type LocalNames, localName } from "./plan.ts";

/** Images of the release are as smoke has tagged them; those from elsewhere are what the runtime's files say. */
export function namesHere(revision: string, { runtime, notBuilt }: ReleaseModel, { app }: Config): LocalNames {
  const { elsewhere } = runtime;
  return {
    nameOf: (service) => elsewhere[service] ?? localName(app, service, revision),
    isBuilt: (service) => elsewhere[service] === undefined && !notBuilt.includes(service),
  };
}

interface LocalPorts {
  readonly docker: Pick<DockerImages, "inspect">;
  readonly compose: Pick<Compose, "pull">;
  readonly progress: Progress;
  readonly signal: AbortSignal;
}

/** What docker has; images from elsewhere are fetched where they are missing. */
export async function imagesHere(
  { runtime }: ReleaseModel,
  want: { readonly names: LocalNames; readonly services: readonly string[]; readonly dryRun: boolean },
  { docker, compose, progress, signal }: LocalPorts,
): Promise<ReadonlyMap<string, LocalImage>> {
  const names = want.services.map((service) => want.names.nameOf(service));
  const there = await docker.inspect(names);
  const missing = Object.values(runtime.elsewhere).filter((reference) => !there.has(reference));
  if (missing.length === 0 || want.dryRun) return there;
  await step(progress, `Pull ${list(missing)}`, () =>
    Promise.all(missing.map((reference) => compose.pull(reference, { signal }))),
  );
  return docker.inspect(names);
}
