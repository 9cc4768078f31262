import type { Config } from "../../config/config.ts";
import type { ImageArchive } from "../../docker/archive.ts";
import type { DockerImages } from "../../docker/images.ts";
import { type Progress, step } from "../../progress/progress.ts";
import type { Head } from "../../source/source.ts";
import { type Handover, otherHandover, readHandover } from "../../stack/handover.ts";
import { localName } from "./plan.ts";

/** What a smoke test on another machine has left. */
export interface HandedOver {
  /** Absolute path. */
  readonly folder: string;
  /** Of its record, by that machine's word; undefined where nobody has passed it on. */
  readonly digest: string | undefined;
}

export interface TakePorts {
  readonly config: Pick<Config, "app" | "services">;
  readonly archive: ImageArchive;
  readonly docker: Pick<DockerImages, "inspect">;
  readonly progress: Progress;
}

/**
 * Gives docker the images that passed elsewhere, under the names that mean so, once they are known to be those of this commit.
 * @throws ThreadsError NO_HANDOVER (usage), OTHER_HANDOVER, IMPORT_FAILED (refused)
 */
export async function takeHandover({ folder, digest }: HandedOver, head: Head, ports: TakePorts): Promise<Handover> {
  const { app, services } = ports.config;
  return step(ports.progress, `Take the images in ${folder}`, async (take) => {
    const { handover, images } = await readHandover(folder, digest);
    const ours = { app, revision: head.revision, tree: head.tree, services: services.join(", ") };
    const theirs = { ...handover, services: Object.keys(handover.images).join(", ") };
    const keys = ["app", "revision", "tree", "services"] as const;
    const wrong = keys.filter((key) => ours[key] !== theirs[key]);
    if (wrong.length > 0)
      throw otherHandover(
        folder,
        wrong.map((key) => `${key}: ${theirs[key]} there, and ${ours[key]} here`),
      );
    await ports.archive.load(images);
    await requireLoaded(handover, folder, ports);
    take.done(`Took the images in ${folder}`);
    return handover;
  });
}

/** The archive's bytes are those of the record; what this docker makes of them must be so as well. */
async function requireLoaded(
  { app, revision, images }: Handover,
  folder: string,
  { docker }: TakePorts,
): Promise<void> {
  const named = Object.entries(images).map(([service, id]) => ({
    service,
    id,
    name: localName(app, service, revision),
  }));
  const there = await docker.inspect(named.map(({ name }) => name));
  const wrong = named.filter(({ name, id }) => there.get(name)?.id !== id);
  if (wrong.length > 0)
    throw otherHandover(
      folder,
      wrong.map(
        ({ service, name, id }) => `${service}: ${id} by its record, and here ${there.get(name)?.id ?? "no image"}`,
      ),
    );
}
