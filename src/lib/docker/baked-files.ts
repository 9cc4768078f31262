import { ThreadsError } from "../errors/threads-error.ts";
import { createUnstarted, listFilesIn, remove } from "./commands.ts";
import { dockerRun, type RunPorts } from "./run.ts";

/** More of them tell no more. */
const most = 50;

/**
 * Files that an image has below a path, the first few, relative to it; none where there is no such path. Nothing of the image
 * runs: a container is made of it, never started, and taken away. @throws ThreadsError DOCKER_DOWN …
 */
export async function bakedFiles(
  { image, path }: { readonly image: string; readonly path: string },
  ports: RunPorts,
): Promise<readonly string[]> {
  const docker = dockerRun(ports);
  const id = (await docker(createUnstarted(image))).stdout.trim();
  try {
    const { stdout, stderr } = await docker(listFilesIn(id, path, most));
    const names = stdout.split("\n").filter((line) => line !== "");
    // The pipe ends well whatever docker says, and tar has its own words for what never came.
    const fault = stderr.split("\n").find((line) => line !== "");
    if (names.length === 0 && fault !== undefined && !/Could not find the file|no such file/i.test(stderr))
      throw new ThreadsError("DOCKER_FAILED", { message: fault, next: ["docker info"] });
    return names.map((name) => name.replace(/^[^/]*\//, ""));
  } finally {
    await dockerRun({ processes: ports.processes })(remove("container", [id]), { allowFailure: true });
  }
}
