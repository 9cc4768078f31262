/** Running programs as a port: pure builders make a `CommandLine`, this runs it. */
export interface Processes {
  /**
   * Runs to the end. Rejects with a CommandFailed error on a non-zero exit unless `allowFailure`,
   * and with the signal's reason when aborted (after the child is gone).
   */
  run(command: CommandLine, options?: RunOptions): Promise<Finished>;
}

export interface CommandLine {
  readonly file: string;
  readonly args: readonly string[];
}

export interface RunOptions {
  readonly cwd?: string;
  /** Added to the CLI's own environment; `undefined` removes a variable. */
  readonly env?: Readonly<Record<string, string | undefined>>;
  /** Written to stdin, which is closed otherwise. Secrets travel here, never in `args`. */
  readonly input?: string;
  /** How bytes become text; UTF-8 where nothing is said. In latin1 each byte is a character, and none is lost, not even a last newline. */
  readonly encoding?: "latin1";
  /** Called for each complete line as it arrives. */
  readonly onLine?: (line: string, stream: "stdout" | "stderr") => void;
  readonly signal?: AbortSignal;
  readonly timeoutMs?: number;
  /** Return a non-zero exit instead of rejecting. */
  readonly allowFailure?: boolean;
}

export interface Finished {
  readonly exitCode: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** A program that ended badly, or could not be started (`exitCode` undefined). */
export class CommandFailed extends Error {
  readonly command: CommandLine;
  readonly exitCode: number | undefined;
  /** The last lines of stderr (or stdout where stderr is empty), for the error report. */
  readonly tail: readonly string[];

  constructor(failure: {
    command: CommandLine;
    exitCode: number | undefined;
    tail: readonly string[];
    reason: string;
    cause?: unknown;
  }) {
    super(`${commandText(failure.command)}: ${failure.reason}`, { cause: failure.cause });
    this.name = "CommandFailed";
    this.command = failure.command;
    this.exitCode = failure.exitCode;
    this.tail = failure.tail;
  }
}

/** How a command line is shown to a person: quoted so that it can be pasted into a shell. */
export function commandText(command: CommandLine): string {
  return [command.file, ...command.args]
    .map((word) => (/^[\w@%+=:,./-]+$/.test(word) ? word : `'${word.replaceAll("'", `'\\''`)}'`))
    .join(" ");
}
