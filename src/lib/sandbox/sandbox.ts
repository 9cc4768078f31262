import type { Clock } from "../clock/clock.ts";
import type { Config } from "../config/config.ts";
import { ThreadsError } from "../errors/threads-error.ts";
import type { Processes } from "../process/processes.ts";
import type { Progress } from "../progress/progress.ts";
import { readState, type SandboxState } from "./state.ts";

/** What the life cycle needs of the world. */
export interface SandboxPorts {
  readonly config: Config;
  /** Services whose images are not built here but released all the same: they need a repository each. */
  readonly elsewhere: () => Promise<readonly string[]>;
  /** Repositories that there must be, by their whole names; those that `app` begins where absent. */
  readonly repositories?: readonly string[];
  /** What shows the port of a host to the host alone, in words; undefined where it answers to this machine. */
  readonly bound: () => Promise<string | undefined>;
  /** What compose makes of an environment file. @throws ThreadsError SANDBOX_ENV (usage), where it cannot be read */
  readonly environmentIn: (text: string) => Promise<ReadonlyMap<string, string>>;
  /** URL of git's `origin`: on GitHub, its workflows may take roles. */
  readonly origin: () => Promise<string | undefined>;
  readonly processes: Processes;
  readonly progress: Progress;
  readonly clock: Clock;
  readonly signal: AbortSignal;
}

/** The state of this checkout's sandbox. @throws ThreadsError refused, where there is none */
export function knownState(root: string): SandboxState {
  const state = readState(root);
  if (state === undefined) throw notUp("this checkout has no sandbox yet");
  return state;
}

/** The refusal of everything that needs a running sandbox. */
export function notUp(message: string, details: readonly string[] = []): ThreadsError {
  return new ThreadsError("SANDBOX_NOT_UP", { message, details, next: ["threads sandbox up"] });
}
