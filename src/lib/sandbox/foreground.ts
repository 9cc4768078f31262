import { spawn } from "node:child_process";
import { constants } from "node:os";
import type { Next } from "../errors/next.ts";
import { ThreadsError } from "../errors/threads-error.ts";
import type { SandboxEnvironment } from "./environment.ts";

/** How a command of somebody else's ended. */
export interface ForegroundResult extends Next {
  /** succeeded: its exit code is 0. */
  readonly outcome: "succeeded" | "failed";
  readonly command: readonly string[];
  /** As a shell has it: 128 + the number of the signal that ended it. */
  readonly exitCode: number;
}

interface Foreground {
  readonly command: readonly string[];
  readonly environment: SandboxEnvironment;
  /** The environment to start from. */
  readonly base: Readonly<Record<string, string | undefined>>;
  /** Whose signals are passed on. */
  readonly signals: Pick<NodeJS.Process, "on" | "off">;
  /** A terminal sends Ctrl-C to the whole foreground group: the command has it already. */
  readonly terminal: boolean;
  /** Where the command's stdout goes: to ours, or where ours is for something else, to stderr. */
  readonly stdout: "stdout" | "stderr";
}

const passed = ["SIGTERM", "SIGHUP", "SIGINT", "SIGUSR1", "SIGUSR2"] as const;

/**
 * Runs a command with our own stdin, stdout and stderr, in the same process group.
 * @returns its exit code, or 128 + the number of the signal that ended it, as a shell has it
 * @throws ThreadsError usage, where it cannot be started
 */
export function runInForeground(foreground: Foreground): Promise<number> {
  const { command, environment, base, signals, terminal, stdout } = foreground;
  const [file = "", ...args] = command;
  const env: Record<string, string | undefined> = { ...base, ...environment.variables };
  for (const name of environment.unset) delete env[name];
  return new Promise((resolve, reject) => {
    // Before the command starts: one that speaks at once may be answered with a signal before the next line runs.
    const pass = (signal: NodeJS.Signals): void => {
      if (signal !== "SIGINT" || !terminal) child.kill(signal);
    };
    for (const name of passed) signals.on(name, pass);
    const child = spawn(file, args, { stdio: ["inherit", stdout === "stdout" ? 1 : 2, "inherit"], env });
    const stop = (): void => passed.forEach((name) => signals.off(name, pass));
    child.once("error", (error) => {
      stop();
      reject(cannotStart(file, error));
    });
    child.once("exit", (code, signal) => {
      stop();
      resolve(code ?? 128 + (signal === null ? 0 : constants.signals[signal]));
    });
  });
}

/** @param exitCode what `runInForeground` returned */
export function execResult(command: readonly string[], exitCode: number): ForegroundResult {
  return { outcome: exitCode === 0 ? "succeeded" : "failed", command, exitCode, next: [], advice: [] };
}

function cannotStart(file: string, cause: Error): ThreadsError {
  const missing = (cause as NodeJS.ErrnoException).code === "ENOENT";
  return new ThreadsError("COMMAND_NOT_STARTED", {
    message: missing ? `there is no command "${file}"` : `"${file}" cannot be started: ${cause.message}`,
    next: ["threads sandbox exec -- threads --help"],
    cause,
  });
}
