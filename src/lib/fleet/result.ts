import type { Digest } from "../image/digest.ts";
import type { DeploymentResult, HostOutcome } from "../ledger/ledger.ts";

/** What `deploy` and `rollback` have done, or (planned) would do. */
export interface RolloutResult {
  readonly status: "deployed" | "already-running" | "planned";
  readonly kind: "deploy" | "rollback";
  readonly environment: string;
  /** Of the ledger's record; undefined where none was written. */
  readonly number: number | undefined;
  readonly release: {
    readonly revision: string;
    readonly tree: string;
    readonly bundle: Digest;
    /** By service. */
    readonly images: Readonly<Record<string, Digest>>;
  };
  readonly hosts: readonly RolloutHost[];
  /** What is or was done, in order. */
  readonly steps: readonly string[];
  readonly rollbackOf: number | undefined;
  /** The command that undoes this, undefined where there is nothing to go back to. */
  readonly undo: string | undefined;
  /** Milliseconds. */
  readonly took: number;
}

export interface RolloutHost {
  readonly id: string;
  readonly name: string;
  /** Revision that it had on record before. */
  readonly before: string | undefined;
  readonly state: HostOutcome["state"];
}

/** How a walk over the hosts ended, before it is put into words. */
export interface Ending {
  readonly result: DeploymentResult;
  readonly hosts: readonly HostOutcome[];
}
