import { dockerFailure } from "../docker/failure.ts";
import { logOf } from "../docker/log.ts";
import { dockerRun, fullyTold, outputLines } from "../docker/run.ts";
import { ThreadsError } from "../errors/threads-error.ts";
import type { CommandLine, Finished, Processes, RunOptions } from "../process/processes.ts";
import { listContainers } from "./commands.ts";
import { objectName } from "./layout.ts";
import { type Listed, parseListed } from "./plan.ts";

const logLines = 15;

/** What goes on where docker stopped. */
const again = ["threads sandbox down", "threads sandbox up"];

/**
 * Runs one docker command.
 * @throws ThreadsError refused, where there is no engine to talk to or it says no
 */
export async function docker(processes: Processes, command: CommandLine, options?: RunOptions): Promise<Finished> {
  try {
    return await dockerRun({ processes }, (failure) => dockerFailure(failure, again))(command, options);
  } catch (error) {
    throw await fullyTold(error, processes);
  }
}

/** Lines of output, without empty ones. */
export function lines(processes: Processes, command: CommandLine): Promise<string[]> {
  return outputLines((...words) => docker(processes, ...words), command);
}

/** Every container of the sandbox, in whatever state: with its label, which an image may hand on, and with its name. */
export async function containersOf(id: string, processes: Processes): Promise<Listed[]> {
  const labelled = parseListed((await docker(processes, listContainers(id))).stdout);
  return labelled.filter(({ name }) => name.startsWith(objectName(id, "")));
}

/** A container that did not become ready: with the last that it said, and where to look further. */
export async function notReady(name: string, what: string, processes: Processes): Promise<ThreadsError> {
  const log = await logOf(name, processes, logLines);
  return new ThreadsError("SANDBOX_NOT_READY", {
    message: what,
    details: log.filter((line) => line.trim() !== ""),
    next: [`docker logs ${name}`, "threads sandbox status", "threads sandbox down"],
  });
}
