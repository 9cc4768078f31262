import { ThreadsError } from "../errors/threads-error.ts";
import { errorJson, githubAnnotation, renderError } from "../output/error.ts";
import { choosePaint } from "../output/paint.ts";
import type { Terminal } from "../output/terminal.ts";
import { CommandFailed } from "../process/processes.ts";

interface ReportOptions {
  readonly terminal: Terminal;
  readonly json: boolean;
  /** The command's words, for "threads … --help". */
  readonly command: string;
  /** Print stacks and causes too. */
  readonly debug: boolean;
}

/** The one place where a failure is printed. @returns the exit code */
export async function reportFailure(error: unknown, options: ReportOptions): Promise<number> {
  const { terminal, json, debug } = options;
  const failure = asThreadsError(error, options.command);
  if (json) terminal.out.write(`${JSON.stringify(errorJson(failure), undefined, 2)}\n`);
  const paint = await choosePaint(terminal.colourErr);
  for (const line of renderError(failure, paint)) terminal.err.write(`${line}\n`);
  if (terminal.github) terminal.err.write(`${githubAnnotation(failure)}\n`);
  if (debug) terminal.err.write(`${stacks(error).join("\n")}\n`);
  return failure.exitCode;
}

/** Anything that was not meant to be said to a person becomes a bug report; oclif's own complaints are usage errors. */
export function asThreadsError(error: unknown, command: string): ThreadsError {
  if (error instanceof ThreadsError) return error;
  if (error instanceof CommandFailed) {
    const next = error.exitCode === undefined ? ["bin/setup"] : ["THREADS_DEBUG=1 threads …"];
    return new ThreadsError("refused", {
      code: "COMMAND_FAILED",
      message: error.message,
      details: error.tail,
      next,
      cause: error,
    });
  }
  if (isOclifUsage(error)) {
    const next = [`threads ${command} --help`.replace("  ", " ")];
    return new ThreadsError("usage", { code: "USAGE", message: usageSentence(error.message), next, cause: error });
  }
  return new ThreadsError("bug", {
    code: "BUG",
    message: `unexpected: ${error instanceof Error ? error.message : String(error)}`,
    next: ["run it again with THREADS_DEBUG=1 and report what it prints"],
    cause: error,
  });
}

/** oclif spreads its complaints over a heading, lines and columns: one sentence of it. */
function usageSentence(complaint: string): string {
  const [body = ""] = complaint.split("\nSee more help");
  const lines = body.split("\n").map((line) => line.trim().replaceAll(/ {2,}/g, ": "));
  return lines.filter((line) => line !== "" && !/^The following errors? occurred:$/.test(line)).join(" ");
}

/** Every complaint of oclif's parser carries what was parsed, but for that of a flag without its value. */
function isOclifUsage(error: unknown): error is Error {
  if (!(error instanceof Error) || !("oclif" in error)) return false;
  return "parse" in error || /^Flag --\S+ expects /.test(error.message);
}

function stacks(error: unknown): string[] {
  const lines: string[] = [];
  for (let cause = error; cause instanceof Error; cause = cause.cause) lines.push(cause.stack ?? cause.message);
  return lines;
}
