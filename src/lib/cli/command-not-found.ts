import type { Hook } from "@oclif/core";
import { suggest } from "../config/suggest.ts";
import { ThreadsError } from "../errors/threads-error.ts";
import { describeTerminal } from "../output/terminal.ts";
import { reportFailure } from "./report-failure.ts";

const words = (id: string): string => id.replaceAll(":", " ");

/** oclif's hook for a command that does not exist: says so, and names the one that was probably meant. */
const commandNotFound: Hook<"command_not_found"> = async ({ id, argv, config }) => {
  const meant = suggest(words(id), [...config.commandIDs, ...config.topics.map(({ name }) => name)].map(words));
  const failure = new ThreadsError("usage", {
    code: "UNKNOWN_COMMAND",
    message: `there is no command "${words(id)}"${meant === undefined ? "" : `, did you mean "${meant}"?`}`,
    next: [meant === undefined ? "threads --help" : `threads ${meant} --help`],
  });
  const terminal = describeTerminal(process, process.env);
  const json = argv?.includes("--json") ?? false;
  process.exitCode = await reportFailure(failure, { terminal, json, command: "", debug: false });
};

export default commandNotFound;
