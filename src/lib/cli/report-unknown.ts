import { ThreadsError } from "../errors/threads-error.ts";
import { describeTerminal } from "../output/terminal.ts";
import { reportFailure } from "./report-failure.ts";

/** What is left for the entry point: a command that does not exist. The rest goes where oclif wants it (help, version, exit). */
export async function reportUnknown(error: Error, handle: (error: Error) => Promise<void>): Promise<void> {
  const words = /^command (.+) not found$/.exec(error.message)?.[1];
  if (words === undefined) return handle(error);
  const failure = new ThreadsError("usage", {
    code: "UNKNOWN_COMMAND",
    message: `there is no command "${words.replaceAll(":", " ")}"`,
    next: ["threads --help"],
    cause: error,
  });
  const terminal = describeTerminal(process, process.env);
  process.exitCode = await reportFailure(failure, {
    terminal,
    json: process.argv.includes("--json"),
    command: "",
    debug: false,
  });
}
