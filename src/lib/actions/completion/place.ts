import { join } from "node:path";
import { commandText } from "../../process/processes.ts";
import type { Shell } from "./script.ts";

/** What tells where shells look. */
export interface Home {
  /** The person's folder. */
  readonly folder: string;
  readonly env: Readonly<Record<string, string | undefined>>;
  /** @returns text of a file; undefined where it cannot be read */
  readonly read: (path: string) => string | undefined;
}

interface Place {
  readonly path: string;
  /** What makes the shell look there, where it does not yet. */
  readonly next: readonly string[];
}

/** bash-completion, which reads files where bash finds them by itself, as distributions and Homebrew put it. */
const loaders = [
  "/usr/share/bash-completion/bash_completion",
  "/usr/local/share/bash-completion/bash_completion",
  "/opt/homebrew/etc/profile.d/bash_completion.sh",
  "/usr/local/etc/profile.d/bash_completion.sh",
];

/** Where a shell looks for the completion of a command, and what it needs for that. */
export function placeFor(shell: Shell, home: Home): Place {
  return { bash, zsh, fish }[shell](home);
}

function bash({ folder, env, read }: Home): Place {
  const own =
    env["BASH_COMPLETION_USER_DIR"] || join(env["XDG_DATA_HOME"] || join(folder, ".local/share"), "bash-completion");
  const path = join(own, "completions", "threads");
  const startUp = join(folder, ".bashrc");
  const line = commandText({ file: "source", args: [path] });
  const finds = loaders.some((file) => read(file) !== undefined) || read(startUp)?.includes(path) === true;
  return { path, next: finds ? [] : [appending(line, startUp)] };
}

function zsh({ folder, env, read }: Home): Place {
  const own = env["ZDOTDIR"] || folder;
  const functions = join(own, ".zfunc");
  const startUp = join(own, ".zshrc");
  const text = read(startUp) ?? "";
  const line = `fpath=(${commandText({ file: functions, args: [] })} $fpath); autoload -Uz compinit && compinit`;
  return {
    path: join(functions, "_threads"),
    next: text.includes(functions) || text.includes("~/.zfunc") ? [] : [appending(line, startUp)],
  };
}

function fish({ folder, env }: Home): Place {
  const own = env["XDG_CONFIG_HOME"] || join(folder, ".config");
  return { path: join(own, "fish", "completions", "threads.fish"), next: [] };
}

function appending(line: string, file: string): string {
  return `${commandText({ file: "echo", args: [line] })} >> ${commandText({ file, args: [] })}`;
}
