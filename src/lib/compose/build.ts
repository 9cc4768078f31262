import { buildOutput, type FailedStep } from "../docker/build-output.ts";
import { daemonFailure } from "../docker/failure.ts";
import { CommandFailed, type CommandLine, type Processes, type RunOptions } from "../process/processes.ts";
import { buildFailure, sentenceOf } from "./build-failure.ts";
import { type BuildPlace, buildPlace } from "./build-place.ts";
import type { RawService } from "./stack-model.ts";

export interface BuildPorts {
  readonly processes: Processes;
  /** Of the compose file. */
  readonly folder: string;
  /** What is built, as the files say. */
  readonly services: () => Promise<Readonly<Record<string, RawService>>>;
}

/** Follows what the steps print: compose's own last words do not tell it. */
export async function build(
  command: CommandLine,
  { onLine, ...options }: RunOptions,
  ports: BuildPorts,
): Promise<void> {
  const output = buildOutput();
  const read: NonNullable<RunOptions["onLine"]> = (line, stream) => {
    output.read(line);
    onLine?.(line, stream);
  };
  try {
    await ports.processes.run(command, { ...options, onLine: read });
  } catch (error) {
    if (!(error instanceof CommandFailed)) throw error;
    throw daemonFailure(error) ?? buildFailure(error, output.failed(), await placeOf(error, output.failed(), ports));
  }
}

/** Only of what has failed: it takes another look at the files. */
async function placeOf(
  failure: CommandFailed,
  [first]: readonly FailedStep[],
  { services, folder }: BuildPorts,
): Promise<BuildPlace | undefined> {
  const built = await services().catch(() => ({}));
  return buildPlace({ step: first?.name, sentence: sentenceOf(failure) }, built, folder);
}
