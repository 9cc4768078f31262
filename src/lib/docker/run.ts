import { ThreadsError } from "../errors/threads-error.ts";
import {
  CommandFailed,
  type CommandLine,
  type Finished,
  type Processes,
  type RunOptions,
} from "../process/processes.ts";
import { daemonFailure, dockerFailure } from "./failure.ts";

export interface RunPorts {
  readonly processes: Processes;
  readonly signal?: AbortSignal | undefined;
}

/** Runs one command line of docker; its failures are ThreadsErrors. */
export type Run = (command: CommandLine, options?: RunOptions) => Promise<Finished>;

/**
 * @param explain what a failure means here, where the daemon answered
 * @returns a runner that rejects with NO_DOCKER, DOCKER_PERMISSION, DOCKER_DOWN or what `explain` says; with the signal's reason
 */
export function dockerRun(
  { processes, signal }: RunPorts,
  explain = (failed: CommandFailed): ThreadsError => dockerFailure(failed),
): Run {
  const stop = signal === undefined ? {} : { signal };
  return (command, options) =>
    processes.run(command, { ...stop, ...options }).catch((error: unknown) => {
      throw error instanceof CommandFailed ? (daemonFailure(error) ?? explain(error)) : error;
    });
}

/** The failure with what docker has not said of it: who has the port that it wanted. */
export async function fullyTold<E>(error: E, processes: Processes): Promise<E | ThreadsError> {
  if (!(error instanceof ThreadsError) || error.code !== "PORT_TAKEN") return error;
  return (await import("./port-owner.ts")).withPortOwner(error, { processes });
}

/** Lines of output, without empty ones. */
export async function outputLines(run: Run, command: CommandLine, options?: RunOptions): Promise<string[]> {
  const { stdout } = await run(command, options);
  return stdout.split("\n").filter((line) => line !== "");
}
