import { exportedFile, exportImages } from "../docker/commands.ts";
import { architecturesOf, type LocalImage, mayBeIndex } from "../docker/image.ts";
import type { Run } from "../docker/run.ts";
import { inDockerFolder } from "./docker-folder.ts";
import type { Exported } from "./docker-push.ts";

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
