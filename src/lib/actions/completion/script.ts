import { type CommandFacts, levelsOf } from "./facts.ts";
import { fishCompletion } from "./fish.ts";
import { bashCompletion, zshCompletion } from "./posix.ts";

export const shells = ["bash", "zsh", "fish"] as const;
export type Shell = (typeof shells)[number];

const generators = { bash: bashCompletion, zsh: zshCompletion, fish: fishCompletion } as const;

export interface Subject {
  readonly commands: readonly CommandFacts[];
  /** Summaries of topics, by their words. */
  readonly topics: Readonly<Record<string, string>>;
  /** Of threads. */
  readonly version: string;
}

/** How the first lines of a script of ours begin: what does not is somebody else's. */
export const mark = "made by `threads completion";

/** The script that makes a shell complete the command lines of threads: offline, and without starting threads. */
export function completionScript(shell: Shell, { commands, topics, version }: Subject): string {
  const heading = `# Completion of threads ${version} for ${shell}; ${mark} ${shell}\`, which makes it anew.\n`;
  // zsh looks for this in the first line of a file.
  return `${shell === "zsh" ? "#compdef threads\n" : ""}${heading}${generators[shell](levelsOf(commands, topics))}`;
}
