import { rmSync } from "node:fs";
import { step } from "../progress/progress.ts";
import { type FetchBlob, fetchImages } from "../registry/oci/fetch-images.ts";
import { readImage } from "../registry/oci/layout.ts";
import { uploadImage } from "../registry/oci/upload-image.ts";
import { openRegistry } from "../registry/open.ts";
import type { Registry } from "../registry/registry.ts";
import { type ImagePin, type PublishedRelease, pulledImages } from "../release/release.ts";
import { shortRevision } from "../release/revision.ts";
import { count } from "../text/words.ts";
import type { World } from "./world.ts";

/** What of a release lies in the registry, by the name of its repository: its images, the edge, and last the bundle. */
export function lying({ release, digest, repository }: PublishedRelease, bundle: string): Record<string, ImagePin> {
  return { ...pulledImages(release), [bundle]: { repository, digest } };
}

interface Copying {
  readonly releases: readonly PublishedRelease[];
  /** For what is on its way; made, and removed again. */
  readonly folder: string;
  readonly registry: Registry;
  readonly fetchBlob: FetchBlob;
  readonly to: World;
}

/** Byte for byte, since digests are what is deployed: `docker pull` and `push` would make others of them. */
export async function copyReleases({ releases, folder, registry, fetchBlob, to }: Copying): Promise<void> {
  const { clock, signal, progress } = to;
  const config = await to.config();
  const there = await openRegistry({ config, aws: await to.aws(), clock, signal });
  const all = releases.flatMap((published) =>
    Object.entries(lying(published, config.registry.bundle)).map(([name, pin]) => {
      return { name, pin, tag: there.repo.tagFor(name, published.release.revision) };
    }),
  );
  const pins = all.map(({ pin }) => pin);
  const title = `Copy ${releases.map(({ release }) => shortRevision(release.revision)).join(" and ")}`;
  try {
    await step(progress, title, async (own) => {
      const onFetched = (text: string): void => own.update(`${text} fetched`);
      await fetchImages(folder, pins, { registry, fetchBlob, onProgress: onFetched });
      for (const { name, pin, tag } of all) {
        signal.throwIfAborted();
        const contents = await readImage(folder, pin.digest, name);
        const onProgress = (text: string): void => own.update(`${name}: ${text}`);
        const target = { repository: pin.repository, tag, onProgress };
        await uploadImage({ registry: there.registry, clock, signal }, contents, target);
      }
      own.done(`Copied ${count(new Set(pins.map(({ digest }) => digest)).size, "image")} by digest`);
    });
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
