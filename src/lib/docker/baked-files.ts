import { ThreadsError } from "../errors/threads-error.ts";
import { createUnstarted, listFilesIn, remove } from "./commands.ts";
import { isNoSuchPath } from "./no-such-path.ts";
import { dockerRun, type RunPorts } from "./run.ts";

/** More of them tell no more. */
const most = 50;

/**
 * Files that an image has below some paths, the first few of each, relative to it; none where there is no such path. Nothing of
 * the image runs: a container is made of it, never started, and taken away. @throws ThreadsError DOCKER_DOWN …
 */
export async function bakedFiles(
  { image, paths }: { readonly image: string; readonly paths: readonly string[] },
  ports: RunPorts,
): Promise<ReadonlyMap<string, readonly string[]>> {
  const docker = dockerRun(ports);
  const id = (await docker(createUnstarted(image))).stdout.trim();
  try {
    const files = new Map<string, readonly string[]>();
    for (const path of new Set(paths)) files.set(path, namesOf(await docker(listFilesIn(id, path, most))));
    return files;
  } finally {
    await dockerRun({ processes: ports.processes })(remove("container", [id]), { allowFailure: true });
  }
}

function namesOf({ stdout, stderr }: { readonly stdout: string; readonly stderr: string }): readonly string[] {
  const names = stdout.split("\n").filter((line) => line !== "");
  // The pipe ends well whatever docker says, and tar has its own words for what never came.
  const fault = stderr.split("\n").find((line) => line !== "");
  if (names.length === 0 && fault !== undefined && !isNoSuchPath(stderr))
    throw new ThreadsError("DOCKER_FAILED", { message: fault, next: ["docker info"] });
  return names.map((name) => name.replace(/^[^/]*\//, ""));
}
