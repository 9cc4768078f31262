import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Exported, LocalImage, Run } from "./docker-push.ts";
import { exportedFile, exportImages } from "./docker-words.ts";
import { architecturesOf } from "./oci-layout.ts";

const indexes = /image\.index|manifest\.list/;

/** DockerImages.isIndex. */
export async function isIndex(run: Run, name: string, { id, repoDigests, mediaType }: LocalImage): Promise<boolean> {
  // Only the containerd store names an image by its manifest, and knows that digest before any push.
  if (!repoDigests.some((one) => one.endsWith(`@${id}`))) return false;
  if (mediaType !== undefined) return indexes.test(mediaType);
  const { stdout } = await run(exportedFile(name, "index.json"));
  const { manifests = [] } = JSON.parse(stdout) as { manifests?: { digest: string; mediaType: string }[] };
  return manifests.some((one) => one.digest === id && indexes.test(one.mediaType));
}

/** DockerImages.architectures. */
export async function architectures(run: Run, name: string, image: LocalImage): Promise<readonly string[]> {
  if (!(await isIndex(run, name, image))) return [image.architecture];
  const { stdout } = await run(exportedFile(name, `blobs/${image.id.replace(":", "/")}`));
  return architecturesOf(stdout);
}

/** DockerImages.exporting. */
export async function exporting<T>(run: Run, use: (exported: Exported) => Promise<T>): Promise<T> {
  const folder = await mkdtemp(join(tmpdir(), "threads-images-"));
  try {
    return await use(async (names) => {
      await run(exportImages(names, folder));
      return folder;
    });
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}
