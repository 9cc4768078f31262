import type { Code } from "../codes.ts";
import type { Explanation } from "./explanation.ts";

/** What was typed, and the machine that threads runs on. */
export const commandLine = {
  BUG: {
    meaning: "threads met something that it does not expect: a mistake in threads itself.",
    advice: [
      "Run the same again with `THREADS_DEBUG=1` before it, and report all that it prints.",
      "Where hosts were being switched, `threads status` shows what they run.",
    ],
  },
  COMMAND_FAILED: {
    meaning: "A program that threads calls failed in a way that threads has no better words for.",
    advice: ["Read the program's own words, which the message shows.", "Run the same again with `THREADS_DEBUG=1`."],
  },
  COMMAND_NOT_STARTED: {
    meaning: "The program behind `threads sandbox exec --` cannot be started: it does not exist or may not be run.",
    advice: ["Check its name and the PATH: `threads sandbox exec -- which PROGRAM`."],
  },
  FILE_NOT_USABLE: {
    meaning: "The system does not let this user read or write a file that threads needs.",
    advice: ["`ls -ld FILE` shows who may. After a run with sudo, its owner is often root."],
  },
  INTERRUPTED: {
    meaning: "Somebody pressed Ctrl-C, or the process or its CI job was told to end.",
    advice: [
      "Run the same again: it finds what was done and does the rest.",
      "Where hosts were being switched, `threads status` shows what they run.",
    ],
  },
  NO_COMMAND: {
    meaning: "`threads exec` or `threads sandbox exec` was given no command to run.",
    advice: [
      "Write the command after two dashes: `threads exec -e ENV SERVICE -- ls -l`, `threads sandbox exec -- threads status`.",
    ],
  },
  UNKNOWN_CODE: {
    meaning: "There is no error code and no exit code of that name.",
    advice: ["`threads explain` lists all of them."],
  },
  UNKNOWN_COMMAND: {
    meaning: "There is no such command.",
    advice: ["`threads --help` lists the commands."],
  },
  UNKNOWN_RUN: {
    meaning:
      "No command has left a record of that name, nor one about a release of that revision, on this machine, or it was among the oldest, which are removed.",
    advice: ["`threads report` shows the newest release, and where the records lie."],
  },
  UNKNOWN_SHELL: {
    meaning:
      "There are completions for bash, zsh and fish, and it was not said for which of them, or for another shell.",
    advice: ["Name the shell: `threads completion install bash`."],
  },
  USAGE: {
    meaning:
      "A flag or an argument is unknown, is missing, has a value that it cannot have, or does not go with another.",
    advice: ["`threads COMMAND --help` shows what the command takes, with examples."],
  },
} as const satisfies Partial<Record<Code, Explanation>>;
