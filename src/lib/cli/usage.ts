import { ThreadsError } from "../errors/threads-error.ts";

interface Typed {
  /** The command's words, for the page that tells what can be typed. */
  readonly command: string;
  readonly cause?: Error | undefined;
}

/** What was typed cannot be meant so. @param complaint a sentence, or oclif's spread of lines */
export function wrongUsage(complaint: string, { command, cause }: Typed): ThreadsError {
  return new ThreadsError("USAGE", {
    message: sentence(complaint),
    next: [`threads ${command} --help`],
    ...(cause === undefined ? {} : { cause }),
  });
}

/** oclif spreads its complaints over a heading, lines and columns: one sentence of it. */
function sentence(complaint: string): string {
  const [body = ""] = complaint.split("\nSee more help");
  const lines = body.split("\n").map((line) => line.trim().replaceAll(/ {2,}/g, ": "));
  return lines
    .filter((line) => line !== "" && !/^The following errors? occurred:$/.test(line))
    .join(" ")
    .replace(/^Parsing (--\S+) Expected /, "$1: expected ");
}
