import type { Measured } from "../../config/measured.ts";
import type { Next } from "../../errors/next.ts";
import type { RequestShare } from "../../fleet/load-requests.ts";

/** What a deployment and its way back did to a sandbox that had what the environment runs. */
export type RehearseResult =
  | ({ readonly outcome: "planned" } & Rehearsed & Next)
  | ({
      readonly outcome: "passed" | "failed";
      /** Whether it is on record for a gate that asks for it. */
      readonly recorded: boolean;
    } & RehearsalMeasured &
      Rehearsed &
      Next);

export interface Rehearsed {
  readonly environment: string;
  /** What the environment runs now. */
  readonly from: {
    readonly deployment: number;
    readonly revision: string;
    readonly bundle: string;
  };
  /** The candidate. */
  readonly to: {
    readonly revision: string;
    readonly bundle: string;
  };
  readonly hosts: {
    readonly count: number;
    /** So many the environment has, by its last deployment. */
    readonly there: number;
    /** Why it is not the same number; empty where it is. */
    readonly says: string;
  };
  readonly strategy: "slots" | "recreate";
  /** Requests a second, all hosts together. */
  readonly rate: number;
  /** As it is written: `p99=200ms,errors=0`. */
  readonly budget: string;
  /** A migration may hold a lock that keeps others out for so long. */
  readonly lockMs: number;
  readonly requests: readonly RequestShare[];
  /** What is or was done, in order. */
  readonly steps: readonly string[];
  /** Why no rollback is rehearsed; empty where one is. */
  readonly noRollback: string;
}

export interface RehearsalMeasured {
  /** Why it did not pass, a sentence; empty where it did. */
  readonly says: string;
  readonly limits: readonly RehearsalLimit[];
  /** All requests. Latencies are from when each was due. */
  readonly total: Measured;
  /** Most frequent first. */
  readonly errors: readonly RehearsalError[];
  /** What was going on when, in order, with the requests that were due then. */
  readonly phases: readonly RehearsalPhase[];
  /** Locks on tables that migrations held, longest first; null where no PostgreSQL of the sandbox can tell. */
  readonly locks: readonly HeldLock[] | null;
  /** What a host took at most, in bytes; null where that is not known. */
  readonly memory: RehearsalMemory | null;
  /** The last deployment of the environment that went well, as far as the ledger tells; null where it does not. */
  readonly last: LastDeployment | null;
  /** 99 of 100 requests went out at most so much after they were due: that is the doing of this machine. */
  readonly lateMs: number;
  readonly tookMs: number;
}

interface RehearsalLimit {
  /** As it is written: `errors=0`, `lock=1s`. */
  readonly limit: string;
  readonly ok: boolean;
  /** What was measured, where that is too much; empty where it is not. */
  readonly says: string;
}

interface RehearsalError {
  readonly says: string;
  readonly count: number;
}

export interface RehearsalPhase {
  /** before: what runs now, alone. served: the candidate, alone. after: what ran before, again. */
  readonly part: "before" | "deploy" | "served" | "rollback" | "after";
  /** Of the hosts' script: `migrate`; empty where none is at work. */
  readonly step: string;
  /** To the second, since hosts write their log so. */
  readonly tookMs: number;
  /** How long that step took in the last real deployment; null where that is not known. */
  readonly lastMs: number | null;
  readonly requests: number;
  readonly errors: number;
  /** The longest that somebody waited whose request was due then; null where nobody got an answer. */
  readonly maxMs: number | null;
}

export interface HeldLock {
  readonly table: string;
  /** As PostgreSQL calls it: `AccessExclusiveLock`. */
  readonly mode: string;
  /** About so long. */
  readonly heldMs: number;
  /** So many others waited for the table at most. */
  readonly waiting: number;
}

export interface RehearsalMemory {
  /** With one slot. */
  readonly beforeBytes: number;
  /** With both, at most. */
  readonly mostBytes: number;
}

export interface LastDeployment {
  readonly number: number;
  readonly revision: string;
  /** ISO 8601, by the server's clock. */
  readonly at: string;
  /** From its intent to its outcome; null where the ledger does not tell. */
  readonly tookMs: number | null;
  /** What the edges of all hosts have counted meanwhile; null where none did. */
  readonly requests: number | null;
  readonly failed: number | null;
  /** The longest time in which somebody waited and nobody got a good answer; null where that was not seen. */
  readonly longestGapMs: number | null;
}
