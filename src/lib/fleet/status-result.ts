import type { Next } from "../errors/next.ts";
import type { ShownAuthor } from "../ledger/author.ts";
import type { SlotSum } from "../ledger/ledger.ts";
import type { ShownLease } from "../ledger/lease.ts";
import type { ShownResult } from "../ledger/standing.ts";
import type { ServiceStatus } from "./judge.ts";
import type { SignOfLife } from "./sign-of-life.ts";
import type { MadeEnvironment } from "../script/summary.ts";

/** as-deployed: everything is as the ledger says. under-way: it is, as far as a deployment that is at work lets one say. */
type StatusOutcome = "as-deployed" | "under-way" | "not-as-deployed";

export interface StatusResult extends Next {
  readonly outcome: StatusOutcome;
  /** ISO 8601, by the server's clock. */
  readonly observedAt: string;
  readonly environments: readonly EnvironmentStatus[];
}

export interface EnvironmentStatus extends Next {
  readonly environment: string;
  readonly outcome: StatusOutcome;
  /** What every host should run; null where nothing was ever deployed. */
  readonly release: ReleaseStatus | null;
  /** The newest deployment where it is not the one above: under way, failed, interrupted …; null where it is. */
  readonly latest: AttemptStatus | null;
  /** Nothing is promoted or deployed to it until that is lifted; null where it is not frozen. It is no fault. */
  readonly freeze: FreezeStatus | null;
  /** `deploy` brings no other release to it until one lifts that; null where no rollback holds it. It is no fault. */
  readonly hold: HoldStatus | null;
  /** Who is deploying to it, by their own word; null where nobody is. It is no fault. */
  readonly lease: ShownLease | null;
  /** A release that gets its requests step by step; null where there is none. One that waits for a person is no fault. */
  readonly weighed: WeighedStatus | null;
  readonly hosts: readonly HostStatus[];
  /** Sentences for a person, one for each thing that is not as it should be. */
  readonly problems: readonly string[];
}

export interface ReleaseStatus {
  readonly number: number;
  readonly kind: "deploy" | "rollback";
  readonly revision: string;
  readonly bundle: string;
  readonly by: ShownAuthor;
  readonly startedAt: string;
}

export interface AttemptStatus {
  readonly number: number;
  readonly kind: "deploy" | "rollback";
  readonly revision: string;
  readonly result: ShownResult;
  readonly by: ShownAuthor;
  readonly startedAt: string;
  /** Whether somebody is still at work on it, by its hosts' word and its deployer's; null where it is not under way. */
  readonly work: Pick<SignOfLife, "state" | "quietMs" | "says"> | null;
}

export interface FreezeStatus {
  readonly reason: string;
  readonly by: ShownAuthor;
  /** ISO 8601, by the server's clock. */
  readonly frozenAt: string;
  /** The command that ends it. */
  readonly lift: string;
}

export interface HoldStatus {
  /** Of the rollback that holds: the hold's name. */
  readonly number: number;
  /** Whether that rollback has come to its end; of one that has not some hosts may have gone back. */
  readonly complete: boolean;
  readonly by: ShownAuthor;
  /** ISO 8601, by the server's clock. */
  readonly heldAt: string;
  /** Revision of what was taken back; null where the ledger no longer tells. */
  readonly from: string | null;
  /** Revision on which it is held. */
  readonly on: string;
  /** Why, as the person said; null where nobody did. */
  readonly reason: string | null;
  /** The command that ends it and leaves what runs; of any other release a person must know that it is well. */
  readonly lift: string;
}

export interface WeighedStatus {
  /** Of its deployment. */
  readonly number: number;
  readonly revision: string;
  /** Parts of a hundred requests (none on ECS, whose services have steps of their own), and the step that was begun last, from 1 on, with its part. */
  readonly steps: readonly number[];
  readonly step: number;
  readonly weight: number;
  /** ISO 8601, by the server's clock; null where no host has it on record. */
  readonly sinceAt: string | null;
  /** Why it waits for a person, who is told that the new release …; null where it does not. */
  readonly waitsFor: string | null;
  /** The command that goes on with it; null while somebody is at work on it. */
  readonly next: string | null;
  /** What both slots of all hosts have answered since then; null where an edge does not tell. */
  readonly old: SlotSum | null;
  readonly new: SlotSum | null;
}

export interface HostStatus {
  readonly id: string;
  readonly name: string;
  /** Where it answers, as far as that is known: of the sandbox's hosts. */
  readonly url: string | null;
  /**
   * offline: SSM has lost it. silent: it did not answer. unknown: its Docker did not. gone: in the ledger, but no longer
   * registered. What runs is known of none of these. straggler: of an earlier fleet, no longer tagged, and it runs the
   * application all the same.
   */
  readonly verdict: "ok" | "wrong" | "offline" | "silent" | "unknown" | "gone" | "straggler";
  /** The release that the host itself has on record, null where it has none. */
  readonly release: {
    readonly number: number;
    readonly revision: string;
    readonly bundle: string;
    /** In which slot it serves; null where it is the one project of its application. */
    readonly slot: "blue" | "green" | null;
    readonly recordedAt: string;
  } | null;
  /** From what the environment of that release was made on it; null where that is a file of its own. */
  readonly environmentMade: MadeEnvironment | null;
  /** Files of that release that are not as they were published; null where the host does not know. */
  readonly changedFiles: readonly string[] | null;
  /** Its environment file has other contents than when its containers were made; null where the host does not know. */
  readonly environmentChanged: boolean | null;
  /** The deployment that never ended, or has not yet, to which it was switched or is being switched; null elsewhere. */
  readonly deployment: number | null;
  /** The deployment that went on without it, as long as nobody has brought it along; null elsewhere. */
  readonly leftOutOf: number | null;
  /** A deployment is at work on it. */
  readonly busy: boolean;
  readonly services: readonly ServiceStatus[];
  readonly says: string;
}
