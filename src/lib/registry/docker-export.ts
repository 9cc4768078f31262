import { exportedFile, exportImages } from "../docker/commands.ts";
import { inDockerFolder } from "./docker-folder.ts";
import type { Exported, LocalImage, Run } from "./docker-push.ts";
import { architecturesOf } from "./oci/layout.ts";

const indexes = /image\.index|manifest\.list/;

/**
 * Whether docker may hold an index (platforms, attestations) under the name, which its push would take apart. Only its
 * containerd store can; docker 26 and 27 do not tell what it is, and to look would be to export it.
 */
export function mayBeIndex({ id, repoDigests, mediaType }: LocalImage): boolean {
  // Only that store names an image by its manifest, and so knows this digest before any push.
  return repoDigests.some((one) => one.endsWith(`@${id}`)) && (mediaType === undefined || indexes.test(mediaType));
}

/** DockerImages.architectures. */
export async function architectures(run: Run, name: string, image: LocalImage): Promise<readonly string[]> {
  if (!mayBeIndex(image)) return [image.architecture];
  const { stdout } = await run(exportedFile(name, `blobs/${image.id.replace(":", "/")}`));
  const listed = architecturesOf(stdout);
  return listed.length === 0 ? [image.architecture] : listed;
}

/** DockerImages.exporting. */
export function exporting<T>(run: Run, use: (exported: Exported) => Promise<T>): Promise<T> {
  return inDockerFolder((folder) =>
    use(async (names) => {
      await run(exportImages(names, folder));
      return folder;
    }),
  );
}
