import { CommandFailed, type RunOptions } from "../process/processes.ts";
import { inspectImages } from "./commands.ts";
import { daemonFailure, dockerFailure } from "./failure.ts";
import { type LocalImage, parseImages } from "./image.ts";
import type { Run } from "./run.ts";

/** What docker says of a name that it does not have, and of what does not stop it (a configuration file, say). */
const harmless = /No such image|^WARNING: /i;

/** Local images by name or id; those that are not there are left out. @throws ThreadsError DOCKER_DOWN … */
export async function localImages(
  references: readonly string[],
  docker: Run,
  options: RunOptions = {},
): Promise<LocalImage[]> {
  if (references.length === 0) return [];
  const command = inspectImages(references);
  const { exitCode, stdout, stderr } = await docker(command, { ...options, allowFailure: true });
  const tail = stderr.split("\n").filter((line) => line !== "" && !harmless.test(line));
  const [reason] = tail;
  if (exitCode === 0 || reason === undefined) return parseImages(stdout);
  const failure = new CommandFailed({ command, exitCode, tail, reason });
  throw daemonFailure(failure) ?? dockerFailure(failure);
}
