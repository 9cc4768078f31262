import type { Next } from "../../errors/next.ts";
import type { ReleaseStatus, StatusResult } from "../../fleet/status-result.ts";
import type { GatesResult } from "../../gates/result.ts";
import type { PastEvent } from "../../ledger/timeline-result.ts";

/** Every environment at one moment. */
export interface BoardResult extends Next {
  /** partly-seen: some of it could not be read, and says why. unseen: nothing could. */
  readonly outcome: "seen" | "partly-seen" | "unseen";
  readonly app: string;
  readonly environments: readonly BoardEnvironment[];
  /** ISO 8601, by the clock of this machine. */
  readonly observedAt: string;
}

export interface BoardEnvironment {
  readonly environment: string;
  /** Where people reach it; null where threads.yml does not say, and in a sandbox. */
  readonly url: string | null;
  readonly ledger: BoardLedger;
  readonly hosts: BoardHosts;
  /** What comes to it next; null where no environment comes before it. */
  readonly candidate: BoardCandidate | null;
}

/** A part that is read by itself: the others are seen where it cannot be. */
interface Part {
  /** When it was last read, ISO 8601, by the clock of this machine; null where it never was. */
  readonly readAt: string | null;
  /** Why it could not be read now; null where it could. */
  readonly unread: Unread | null;
}

export interface Unread extends Next {
  /** Stable word; `threads explain` takes it. */
  readonly code: string;
  readonly message: string;
}

/** What is on record: no host is asked. */
export interface BoardLedger extends Part {
  /** As it was last read; null where it never was. */
  readonly value: LedgerView | null;
}

export interface LedgerView {
  /** What every host should run; null where nothing was ever deployed. */
  readonly release: ReleaseStatus | null;
  /** What was decided and done, newest first, the last twenty. */
  readonly events: readonly PastEvent[];
}

/** What hosts say, beside the ledger, as `threads status` shows it. */
export interface BoardHosts extends Part {
  /** As it was last read; null where it never was. */
  readonly value: StatusResult["environments"][number] | null;
}

/** The release of the environment before. */
export interface BoardCandidate extends Part {
  /** Name of the environment that runs it. */
  readonly from: string;
  /** As it was last read; null where it never was. */
  readonly value: CandidateView | null;
}

export interface CandidateView {
  /** nothing: that environment runs nothing. same: both run it. waits: it is not here yet. */
  readonly state: "nothing" | "same" | "waits";
  /** What that environment runs; null where that is nothing. */
  readonly revision: string | null;
  /** What stands between it and the environment; null where both run it, and where there is nothing to judge. */
  readonly gates: GatesResult | null;
}

/** What is left of a page that was shown until somebody ended it. */
export interface BoardShown extends Next {
  readonly outcome: "closed";
  readonly url: string;
}
