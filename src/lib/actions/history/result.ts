import type { Next } from "../../errors/next.ts";
import type { StepTiming } from "../../fleet/timings.ts";
import type { ShownAuthor } from "../../ledger/author.ts";
import type { HostOutcome } from "../../ledger/ledger.ts";
import type { ShownResult } from "../../ledger/standing.ts";
import type { MadeEnvironment, TaskCount, Traffic } from "../../script/summary.ts";

export interface HistoryResult extends Next {
  /** empty: there is nothing to show. `next` shows what is older. */
  readonly outcome: "listed" | "empty";
  readonly environment: string;
  /** Only what is older than this was asked for; null from the newest on. */
  readonly before: number | null;
  /** Newest first. */
  readonly deployments: readonly PastDeployment[];
  /** ISO 8601, by the server's clock. */
  readonly observedAt: string;
}

export interface PastDeployment {
  readonly number: number;
  readonly kind: "deploy" | "rollback";
  readonly revision: string;
  readonly bundle: string;
  /** running: under way. superseded: another took it over before its end. lost: it never wrote its end. */
  readonly result: ShownResult;
  readonly by: ShownAuthor;
  readonly startedAt: string;
  readonly finishedAt: string | null;
  /** Empty where the deployment is folded: then only the states are known. */
  readonly hosts: readonly PastHost[];
  /** How many hosts were left in which state. */
  readonly states: Readonly<Partial<Record<HostOutcome["state"], number>>>;
  /** Why, as the person said. */
  readonly reason: string | null;
  readonly rollbackOf: number | null;
  readonly supersedes: number | null;
  /** The rollback whose hold it lifts, where it succeeds. */
  readonly liftsHold: number | null;
  /** Ids of hosts that it went on without; none where it had all of them, or is folded. */
  readonly leftOut: readonly string[];
  /** The one that took it over with --supersede. */
  readonly supersededBy: number | null;
  /** `--compact` has folded it into a record with others. */
  readonly folded: boolean;
}

export interface PastHost extends Pick<HostOutcome, "id" | "state"> {
  /** What its edge has seen meanwhile; null where it has none, or the record had no room for it. */
  readonly traffic: Traffic | null;
  /** What became of the tasks of its Celery workers that were told to end; null where no log tells, or the record had no room for it. */
  readonly tasks: TaskCount | null;
}

/** One deployment, with everything that the ledger tells of it. */
export interface DeploymentDetail extends Next {
  readonly outcome: "found";
  readonly environment: string;
  readonly deployment: PastDeployment;
  /** Why it was no success; null where it was one, or where nobody wrote that down. */
  readonly cause: {
    readonly code: string;
    readonly message: string;
    /** Id of the host at which it stopped, and what its script was at. */
    readonly host: string | null;
    readonly step: string | null;
  } | null;
  /** Whom AWS took for who wrote its end, where that is another than who began it; null where it is not, or nobody says. */
  readonly endedBy: string | null;
  /** Of the hosts' part, in order; none where the record does not say. */
  readonly timings: readonly StepTiming[];
  /** The rollback that took it back. */
  readonly rolledBackBy: number | null;
  /** Digest by service; empty where it is folded. */
  readonly images: Readonly<Record<string, string>>;
  /** From what its hosts made the environment, and in which versions; null where they had a file of their own, or nobody wrote it down. */
  readonly environmentMade: MadeEnvironment | null;
  /** How the release came to be allowed there, oldest first. */
  readonly promotions: readonly PastPromotion[];
  /** Path of its log on each of its hosts; null where it runs on ECS, which has none. */
  readonly log: string | null;
  /** ISO 8601, by the server's clock. */
  readonly observedAt: string;
}

export interface PastPromotion {
  readonly promotedAt: string;
  readonly by: ShownAuthor;
  readonly tags: readonly string[];
  readonly overrides: readonly { readonly gate: string; readonly reason: string }[];
}

/** What `--compact` did, or would do. */
export interface CompactResult extends Next {
  readonly environment: string;
  readonly outcome: "compacted" | "planned" | "nothing-to-compact";
  /** How many were folded, and into how many records all of them. */
  readonly deployments: number;
  /** Commands that `threads exec` had run. */
  readonly execs: number;
  readonly records: number;
  /** So many parameters fewer. */
  readonly freed: number;
  /** The parameter that is not a record, because of which nothing newer was folded; null where there is none. */
  readonly stoppedBy: string | null;
  /** ISO 8601, by the server's clock. */
  readonly observedAt: string;
}
