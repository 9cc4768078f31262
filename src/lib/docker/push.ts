import { ThreadsError } from "../errors/threads-error.ts";
import type { RunOptions } from "../process/processes.ts";
import { pushImage, tagImage } from "./commands.ts";
import { digestIn } from "./image.ts";
import { localImages } from "./inspect.ts";
import { pushFailure } from "./push-failure.ts";
import { nothingSaid, pushProgress, readPushLine } from "./push-output.ts";
import { dockerRun, type RunPorts } from "./run.ts";

/** Pushes a local image under a reference. @returns the manifest's digest as docker reports it. @throws ThreadsError PUSH_FAILED … */
export type Push = (image: ImageToPush) => Promise<string>;

interface ImageToPush {
  readonly from: string;
  /** `host/repository:tag`. */
  readonly to: string;
  /** "3/5 layers", as it goes on. */
  readonly onProgress?: (text: string) => void;
}

/** @param image with the configuration (DOCKER_CONFIG) that lets it into the registry */
export async function push(
  { from, to, onProgress, env }: ImageToPush & { readonly env: NonNullable<RunOptions["env"]> },
  ports: RunPorts,
): Promise<string> {
  const docker = dockerRun(ports, pushFailure);
  await docker(tagImage(from, to), { env });
  let said = nothingSaid;
  const onLine = (line: string): void => {
    said = readPushLine(said, line);
    if (said.layers.size > 0) onProgress?.(pushProgress(said));
  };
  await docker(pushImage(to), { env, onLine });
  const digest = said.digest ?? digestIn((await localImages([to], docker))[0], to.slice(0, to.lastIndexOf(":")));
  if (digest !== undefined) return digest;
  throw new ThreadsError("PUSH_UNSETTLED", {
    message: `docker pushed ${to}, but does not say with what digest`,
    next: ["threads publish"],
  });
}
