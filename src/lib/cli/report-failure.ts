import { ThreadsError } from "../errors/threads-error.ts";
import { errorJson, githubAnnotation, renderError } from "../output/error.ts";
import { choosePaint } from "../output/paint.ts";
import type { Terminal } from "../output/terminal.ts";
import { CommandFailed, commandText } from "../process/processes.ts";
import { wordsOf } from "../errors/words-of.ts";

interface ReportOptions {
  readonly terminal: Terminal;
  readonly json: boolean;
  /** It goes behind others like it: an object a line. */
  readonly isOneOfMany?: boolean;
  /** Words of the command, where there is one. */
  readonly command?: string;
  /** Print stacks and causes too. */
  readonly debug: boolean;
}

/** The one place where a failure is printed. @returns the exit code */
export async function reportFailure(error: unknown, options: ReportOptions): Promise<number> {
  const { terminal, json, isOneOfMany = false, command, debug } = options;
  const failure = asThreadsError(error);
  if (json) terminal.out.write(`${JSON.stringify(errorJson(failure), undefined, isOneOfMany ? undefined : 2)}\n`);
  const paint = await choosePaint(terminal.colourErr);
  for (const line of renderError(failure, paint, terminal.columnsErr))
    terminal.err.write(`${terminal.symbols(line)}\n`);
  if (terminal.github) terminal.err.write(`${githubAnnotation(failure, terminal.workspace)}\n`);
  if (terminal.stepSummary !== undefined && command !== undefined)
    await (await import("./step-summary.ts")).summariseFailure(command, failure, terminal);
  if (debug) terminal.err.write(`${stacks(error).join("\n")}\n`);
  return failure.exitCode;
}

const debugging = "run it again with THREADS_DEBUG=1 in the environment, and report what it prints";

/** Anything that was not meant to be said to a person becomes a bug report. */
export function asThreadsError(error: unknown): ThreadsError {
  if (error instanceof ThreadsError) return error;
  if (error instanceof CommandFailed) {
    const way = error.exitCode === undefined ? { next: ["threads doctor"] } : { advice: [debugging] };
    return new ThreadsError("COMMAND_FAILED", {
      message: error.message,
      details: error.tail,
      ...way,
      cause: error,
    });
  }
  const file = fileFault(error);
  if (file !== undefined) return file;
  return new ThreadsError("BUG", {
    message: `unexpected: ${wordsOf(error)}`,
    advice: [debugging],
    cause: error,
  });
}

/** What the system does not let this user do with a file, as a sentence without its number. */
const fileFaults: Readonly<Record<string, string>> = {
  EACCES: "permission denied",
  EPERM: "not permitted",
  EROFS: "the file system is read-only",
  EISDIR: "is a folder",
  ENOTDIR: "is not a folder",
};

/** A file that this user may not read or write is no bug, whichever of them it is. */
function fileFault(error: unknown): ThreadsError | undefined {
  const { code, path } = error instanceof Error ? (error as NodeJS.ErrnoException) : {};
  const why = fileFaults[code ?? ""];
  if (why === undefined) return undefined;
  // Node names the file that it cannot open, and not the one that it has opened and cannot read.
  if (typeof path !== "string")
    return new ThreadsError("FILE_NOT_USABLE", { message: `a file ${why}`, advice: [debugging], cause: error });
  const next = [commandText({ file: "ls", args: ["-ld", path] })];
  return new ThreadsError("FILE_NOT_USABLE", { message: `${path}: ${why}`, next, cause: error });
}

function stacks(error: unknown): string[] {
  const lines: string[] = [];
  for (let cause = error; cause instanceof Error; cause = cause.cause) lines.push(cause.stack ?? cause.message);
  return lines;
}
