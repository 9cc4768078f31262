import type { AwsClients } from "../aws/clients.ts";
import type { Clock } from "../clock/clock.ts";
import type { Config } from "../config/config.ts";
import type { Reader } from "../hosts/follow-steps.ts";
import type { Processes } from "../process/processes.ts";
import type { Runtime } from "../process/runtime.ts";
import type { Progress } from "../progress/progress.ts";

/** What a command is given: the world outside, each part of it opened on first use. */
export interface World {
  readonly clock: Clock;
  readonly progress: Progress;
  /** Who reads what is told on the way: somebody at a terminal on which running lines are redrawn, or a log; undefined for nobody. */
  readonly reader?: Reader | undefined;
  /** Aborted by Ctrl-C, TERM or HUP, with a ThreadsError("interrupted") as reason. */
  readonly signal: AbortSignal;
  /** Aborted by a second Ctrl-C: now even clean-up should be short. */
  readonly cancelNow: AbortSignal;
  /** Aborted by TERM, HUP or the end of a cancelled job: hosts at work are left to themselves, clean-up here goes on. */
  readonly detach: AbortSignal;
  /** The configuration, read and checked once. @throws ThreadsError usage */
  config(): Promise<Config>;
  /** What runs programs is loaded with the first of them. */
  readonly processes: Processes;
  /** @throws ThreadsError NO_REGION where neither file nor environment names one. */
  aws(): Promise<AwsClients>;
  /** The CLI's own environment, read here only. */
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly runtime: Runtime;
}
