import type { Digest } from "../image/digest.ts";
import type { ImagePin } from "../release/release.ts";
import type { Approvals } from "./approvals.ts";
import type { Author } from "./author.ts";
import type { EvidenceBook } from "./evidence.ts";
import type { Execs } from "./execs.ts";
import type { Freezes } from "./freeze.ts";
import type { Leases } from "./lease.ts";
import type { Pause } from "../script/pause.ts";
import type { MadeEnvironment, TaskCount, Timings, Traffic } from "../script/summary.ts";
import type { PastRecords } from "./past-records.ts";
import type { Policies } from "./policy.ts";
import type { Promotions } from "./promotions.ts";
import type { SignedBook } from "./first-signed.ts";

export type { Author } from "./author.ts";

/**
 * Everything that is written down: the numbered deployment records of the environments, leases, freezes, evidence,
 * promotions, approvals, policies and commands that were run. A port; the Parameter Store adapter is in parameters.ts.
 */
export interface Ledger
  extends Leases, Freezes, EvidenceBook, Promotions, Execs, PastRecords, Approvals, Policies, SignedBook {
  /**
   * The deployments of an environment from the newest back, as far as is needed: to know its standing where nothing is said.
   * In a bounded number of calls, however many there are.
   * @throws ThreadsError LEDGER_UNREADABLE where the newest is not a record, or a newer threads wrote one of them
   */
  deploymentLog(environment: string, howFar?: HowFar): Promise<DeploymentLog>;
  /** Reads back from where a deploymentLog ends. */
  readOn(environment: string, deploymentLog: DeploymentLog, howFar: HowFar): Promise<DeploymentLog>;
  /**
   * Writes the next intent, create-if-absent: of several writers at once exactly one gets the number.
   * @throws ThreadsError DEPLOYMENT_TAKEN (conflict) where another was first
   */
  begin(environment: string, number: number, draft: IntentDraft): Promise<Intent>;
  /** Writes a deployment's outcome, once: the same again is fine, another one is a conflict. */
  finish(environment: string, outcome: DeploymentOutcome): Promise<void>;
}

/** What somebody set out to do; written before the first host is touched. */
export interface Intent {
  readonly schema: 1;
  /** Of the threads that wrote it; older ones did not say. */
  readonly version?: string;
  /** 1, 2, 3 … without gaps, but where records were lost; also the fence that hosts compare. */
  readonly number: number;
  readonly kind: "deploy" | "rollback";
  readonly revision: string;
  readonly tree: string;
  readonly bundle: ImagePin;
  readonly images: Readonly<Record<string, ImagePin>>;
  /** The proxy in front of its slots; not there where hosts have none. */
  readonly edge?: ImagePin;
  /** In the order in which they are deployed. */
  readonly hosts: readonly string[];
  /** Hosts of the environment that it goes on without; not there where it has all of them. */
  readonly leftOut?: readonly string[];
  readonly by: Author;
  /** ISO 8601. */
  readonly startedAt: string;
  /** ISO 8601, by the same clock as `startedAt`: so long after its beginning nobody is at work on this any more. */
  readonly deadline: string;
  /** Tells one's own write from another's after a lost reply. */
  readonly nonce: string;
  /** Number of the deployment that a rollback undoes. */
  readonly rollbackOf?: number;
  /** Number of the unfinished deployment that was taken over with --supersede. */
  readonly supersedes?: number;
  /** Number of the rollback whose hold it lifts once it has succeeded. */
  readonly liftsHold?: number;
  /** Why, as the person said. */
  readonly reason?: string;
  /** It gets its requests in these steps, and this deployment begins with that one, from 1 on. */
  readonly weights?: { readonly steps: readonly number[]; readonly from: number };
  /** On ECS: it approves this step, which a deployment before it waits for: the pauses that it answers, by their hook ids. */
  readonly continues?: { readonly step: number; readonly hooks: readonly string[] };
  /** What of the migrations closes a way back; left out where it is not known, or the record has no room for it. */
  readonly contracts?: ContractChange;
}

/** Names of the contract migrations that differ between a deployment's release and the one that ran before it. */
export interface ContractChange {
  readonly added: readonly string[];
  readonly dropped: readonly string[];
}

export type IntentDraft = Omit<Intent, "schema" | "version" | "number" | "nonce">;

export interface DeploymentOutcome {
  readonly schema: 1;
  /** Of the threads that wrote it; older ones did not say. */
  readonly version?: string;
  readonly number: number;
  /** Of the intent that this ends. */
  readonly nonce: string;
  /** Whom AWS took for its writer; see Author. */
  readonly principal?: string;
  readonly result: DeploymentResult;
  readonly hosts: readonly HostOutcome[];
  /** ISO 8601. */
  readonly finishedAt: string;
  /** Why it was no success; left out where the record has no room for it. */
  readonly cause?: FailureCause;
  /** Of each step, on the host that took longest; left out where the record has no room for it. */
  readonly timings?: Timings;
  /** When hosts were given their orders, and what the slowest was at then; left out where the record has no room for it. */
  readonly rounds?: readonly Round[];
  /** The steps that it came to, each with what was counted; left out where it has none, or for want of room. */
  readonly weighed?: readonly WeighedStep[];
  /** On ECS: where it waits for a person; left out where it does not. */
  readonly pauses?: readonly PausedStep[];
  /** From what its hosts have made the environment; left out where they have a file of their own, or for want of room. */
  readonly environment?: MadeEnvironment;
}

/** Hosts that were given an order at once. */
export interface Round {
  /** Since the deployment began, in milliseconds, by the clock of whoever deployed. */
  readonly afterMs: number;
  /** In their order, on the host that took longest. */
  readonly timings: Timings;
}

/** What the command ended with, so that others can read it later. */
export interface FailureCause {
  /** Of errors/codes.ts. */
  readonly code: string;
  readonly message: string;
  /** Id of the host at which it stopped. */
  readonly host?: string;
  /** What that host's script was at. */
  readonly step?: string;
}

/**
 * succeeded: every host answers as the release. failed: nothing was switched. rolled-back: every host is back.
 * partial: hosts differ and nobody could change that. interrupted: stopped before its end, hosts may differ. paused: its release
 * has a part of the requests, or on ECS none yet, and waits until a person approves the next step.
 */
export type DeploymentResult = "succeeded" | "failed" | "rolled-back" | "partial" | "interrupted" | "paused";

/** What became of a step in which a release had a part of the requests. */
export interface WeighedStep {
  /** From 1 on. */
  readonly step: number;
  /** So many of a hundred requests. */
  readonly weight: number;
  /** What its slot was beside the old one; interrupted where nobody has waited for that. */
  readonly verdict: "worse" | "as-good" | "inconclusive" | "interrupted";
  /** The predicate of a sentence about the release. */
  readonly says: string;
  /** What the edges of all hosts have counted in that step; null where one does not tell. */
  readonly old: SlotSum | null;
  readonly new: SlotSum | null;
}

/** A pause on ECS that a deployment has come to; the step behind it waits for a person. */
export interface PausedStep extends Pause {
  /** The step that was begun last: 1 up to the first pause. */
  readonly step: number;
}

/** What a slot has answered, on all hosts. */
export interface SlotSum {
  readonly requests: number;
  /** Those answered with 500 and above, or not at all. */
  readonly failed: number;
  /** So long, at most, nine of ten answers took; null where that is not known. */
  readonly p90Ms: number | null;
}

export interface HostOutcome {
  readonly id: string;
  /** new: the release. old: what it ran before. both: each has a part of the requests. unknown: nobody knows. untouched: its turn never came. */
  readonly state: "new" | "old" | "both" | "unknown" | "untouched";
  /** What the host's edge has seen meanwhile; absent where it has none, or the record has no room for it. */
  readonly traffic?: Traffic;
  /** What became of the tasks of its workers that were told to end; absent where no log tells, or the record has no room for it. */
  readonly tasks?: TaskCount;
}

export interface Deployment {
  readonly intent: Intent;
  readonly outcome: DeploymentOutcome | undefined;
  /** When the server wrote the intent and the outcome, ISO 8601; undefined where it does not say. */
  readonly recordedAt?: string | undefined;
  readonly endedAt?: string | undefined;
}

/** What is kept of a deployment after `threads history --compact`. */
export interface FoldedDeployment extends Pick<Intent, "number" | "kind" | "revision" | "by"> {
  readonly bundle: Digest;
  /** lost: it never wrote its end. */
  readonly result: DeploymentResult | "lost";
  /** When it was written down, ISO 8601, by the server's clock. */
  readonly startedAt: string;
  /** The same of its end; null where that was never written. */
  readonly finishedAt: string | null;
  /** How many hosts were left in which state. */
  readonly hosts: Readonly<Partial<Record<HostOutcome["state"], number>>>;
  readonly rollbackOf?: number;
  readonly supersedes?: number;
}

export interface DeploymentLog {
  /** Newest first. */
  readonly deployments: readonly Deployment[];
  /** What --compact has folded, all of it older than those; newest first. */
  readonly folded: readonly FoldedDeployment[];
  /** The highest number that was not looked at: what is older, if anything, begins there. 0 where nothing is left. */
  readonly unread: number;
  /** Names of parameters that are no records and were passed over. */
  readonly unreadable: readonly string[];
  /** Milliseconds since the epoch, by the server's clock. */
  readonly serverTime: number;
}

/** How many deployments are wanted; or whether those that were read say enough, so that older ones change nothing. */
export type HowFar = number | ((read: Pick<DeploymentLog, "deployments" | "folded">) => boolean);

/** A release as the ledger pins it: enough to bring it up again without asking the registry. */
export interface RecordedRelease {
  readonly revision: string;
  readonly tree: string;
  readonly bundle: { readonly repository: string; readonly digest: Digest };
  readonly images: Readonly<Record<string, ImagePin>>;
  /** The proxy in front of its slots; not there where hosts have none. */
  readonly edge?: ImagePin;
}
