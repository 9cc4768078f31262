import type { HostScript } from "../script/render.ts";

/** Running scripts on an environment's hosts: a port; the SSM adapter is in ssm.ts. */
export interface Remote {
  /** Every host with this tag that has ever registered, online or not, in the order of their names. */
  hosts(tag: HostTag): Promise<readonly Host[]>;
  /** Those of these ids that are registered, whatever tags they have. */
  registered(ids: readonly string[]): Promise<readonly Host[]>;
  /** Whether hosts of an environment would be given such a script at all. @throws ThreadsError HOST_DOCUMENT (refused) */
  check(order: Pick<RemoteScript, "script" | "environment">): Promise<void>;
  /**
   * Sends a script to these hosts and no others, fifty at most. There is no idempotency token in SSM, so it is sent at most once.
   * @throws ThreadsError SEND_UNKNOWN (exit 7) where the reply was lost and the command cannot be found
   */
  send(script: RemoteScript): Promise<SentCommand>;
  /** Waits until every host has come to an end, one way or another; exactly one run for each host that was asked. */
  wait(command: SentCommand, options?: WaitOptions): Promise<readonly HostRun[]>;
  /** Asks SSM to end it; a script is killed (SIGKILL), without a promise. Wait afterwards. */
  cancel(command: SentCommand): Promise<void>;
}

export interface HostTag {
  readonly tag: string;
  readonly value: string;
}

export interface Host {
  readonly id: string;
  readonly name: string;
  /** Its last ping was answered; SSM pings every five minutes, so this can be stale. */
  readonly online: boolean;
  readonly agent: string;
}

export interface RemoteScript {
  readonly script: HostScript;
  /** Whose hosts they are: where nobody knows how it ends, its status tells. */
  readonly environment: string;
  readonly hosts: readonly string[];
  /** Shown in SSM's console and used to find a lost command: at most 80 characters. */
  readonly label: string;
  /** The agent kills the script after this long; whole seconds, at least 5. */
  readonly executionMs: number;
  /** Into which log group of CloudWatch Logs the agent writes all that it prints; nowhere but SSM where undefined. */
  readonly logGroup?: string | undefined;
}

export interface SentCommand {
  readonly id: string;
  readonly environment: string;
  readonly hosts: readonly string[];
  /** When SSM has taken it, by its own clock: milliseconds since the epoch. */
  readonly sentAt: number;
  /** After this moment (ms since the epoch) SSM has ended it in every case. */
  readonly deadline: number;
}

export interface WaitOptions {
  /** Stops the waiting, not the command; rejects with its reason. */
  readonly signal?: AbortSignal;
  /** Called when a host's status changes, with SSM's word for it. */
  readonly onChange?: (host: string, status: string) => void;
  /** Called once for a host that has not taken the command after half a minute of pauses. */
  readonly onUnclaimed?: (host: string) => void;
  /** Where many hosts are waited for, SSM only tells how many hosts of the command have ended, until all of them have. */
  readonly onCount?: (ended: number, of: number) => void;
  /** Milliseconds, of which only pauses count, after which a host that has not ended is given up: its end is unknown. */
  readonly patienceMs?: number;
}

export interface HostRun {
  readonly host: string;
  /** `unknown`: it may have run wholly, in part or not at all; ask the host. `never-ran`: it certainly did not. */
  readonly end: "succeeded" | "failed" | "unknown" | "never-ran";
  /** SSM's StatusDetails, normalised: `executiontimedout`, `undeliverable`, or `no invocation` where there was none. */
  readonly status: string;
  readonly exitCode: number;
  /** At most 24,000 characters, cut at the end. */
  readonly stdout: string;
  /** At most 8,000 characters, cut at the end. */
  readonly stderr: string;
}
