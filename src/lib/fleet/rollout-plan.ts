import type { EnvironmentConfig } from "../config/config.ts";
import type { DeploymentLog, Intent, RecordedRelease } from "../ledger/ledger.ts";
import type { Standing } from "../ledger/standing.ts";
import type { MigrationChange } from "../release/migrations.ts";
import type { WeighedRelease } from "../script/slot-counts.ts";
import type { MadeEnvironment, Timings } from "../script/summary.ts";
import type { Continues, KnownPauses } from "./paused-steps.ts";
import type { Observed } from "./target.ts";
import type { LeftOut } from "./out-of-reach.ts";
import type { Pace, Round } from "./rounds.ts";
import type { Weights } from "./weights.ts";

/** What a deployment will do, before it does it. */
export interface RolloutPlan {
  readonly kind: "deploy" | "rollback";
  readonly environment: EnvironmentConfig;
  readonly number: number;
  readonly release: RecordedRelease;
  /** In the order in which they are switched; the first one migrates and runs the singletons. */
  readonly hosts: readonly PlannedHost[];
  /** Hosts that it goes on without: named by its user, or not reached by a rollback. */
  readonly leftOut: readonly LeftOut[];
  /** Singletons that one of those has had: another host runs them now, and nobody has stopped them there. */
  readonly twice: readonly string[];
  /** The order in which those are switched that do not stay as they are. */
  readonly rounds: readonly Round<PlannedHost>[];
  /** So long the first of them is watched before the next, in milliseconds. */
  readonly observeMs: number;
  /** The steps in which it gets its requests; undefined where it gets all at once. */
  readonly weights: Weights | undefined;
  /** Contract migrations that it brings: once the first host has them and serves, no host goes back. */
  readonly noReturn: readonly string[];
  /** Whether it may bring what has not run there: then a freeze stops it, and hosts make its environment anew. */
  readonly bringsNew: boolean;
  /** One-shot service run on the first host. */
  readonly migrate: string | undefined;
  readonly rollbackOf: number | undefined;
  readonly supersedes: number | undefined;
  /** Deployments of this release that have not come to their end. */
  readonly goesOnWith: readonly number[];
  /** On ECS: what they have waited for, by their records. */
  readonly knownPauses: KnownPauses;
  /** The step that a person has approved, and the pauses that this lets go on. */
  readonly continues: Continues | undefined;
  /** The rollback whose hold it lifts. */
  readonly liftsHold: number | undefined;
  /** Migration files that what a rollback leaves had added. */
  readonly staying: readonly string[];
  /** What it changes in the database, as far as the releases tell; of a rollback, only what contracts. */
  readonly migrations: MigrationChange | undefined;
  /** Why, in the person's words. */
  readonly reason: string | undefined;
  /** Every host runs exactly this already, all of it well, and the ledger says so. */
  readonly running: boolean;
  /** The command that undoes it afterwards, undefined where there is nothing to go back to. */
  readonly undo: string | undefined;
  /** The commands that bring the release to where it goes from here. */
  readonly onwards: readonly string[];
  readonly steps: readonly string[];
  /** The command without --supersede, as it is typed again. */
  readonly again: string;
  /** The command that finishes it where it ends half-way. */
  readonly finish: string;
  /** What runs there by the ledger's word. */
  readonly current: Intent | undefined;
  /** How long the host's steps usually take. */
  readonly usual: Timings;
}

export interface PlannedHost {
  readonly id: string;
  readonly name: string;
  readonly before: string | undefined;
  /** It runs the release already, and is left as it is. */
  readonly stays: boolean;
  /** In which slot it serves; undefined where it does in none. */
  readonly slot?: "blue" | "green" | undefined;
  /** A release that has a part of its requests. */
  readonly weighed?: WeighedRelease | undefined;
  /** Nobody is answered by it while it changes. */
  readonly hasGap: boolean;
  /** What has to make room first, so that nobody answers meanwhile: its one project for the slots, or its slots for that. */
  readonly makesRoom: "project" | "slots" | undefined;
  /** From what the environment of what it serves was made; undefined where that is a file of its own. */
  readonly environment?: MadeEnvironment | undefined;
  /** What of its application is not well before anything is touched: `web is unhealthy`. */
  readonly unwell?: readonly string[];
  /** Containers in its compose projects that no release of ours has: the next one removes them. */
  readonly strangers: readonly string[];
}

export interface Intention {
  readonly kind: "deploy" | "rollback";
  readonly environment: EnvironmentConfig;
  readonly release: RecordedRelease;
  readonly standing: Standing;
  readonly log: Pick<DeploymentLog, "deployments">;
  readonly observed: readonly Observed[];
  /** Hosts of the environment that were named to be left out. */
  readonly leftOut?: readonly LeftOut[];
  /** What was typed of how it comes over its hosts. */
  readonly pace?: Partial<Pace>;
  /** The step of its weights that a person has approved, from 1 on; where hosts are with it by then, if undefined. */
  readonly from?: number | undefined;
  /** On ECS: what a person has approved. */
  readonly continues?: Continues | undefined;
  /** It brings nothing new, but hosts to what the ledger says: no migration, and no freeze stops it. */
  readonly converges?: boolean;
  /** Whether hosts that run the release already, all of it well, are left as they are. */
  readonly onlyOthers?: boolean;
  readonly rollbackOf?: number | undefined;
  /** What a rollback takes back; undefined where the ledger no longer tells. */
  readonly left?: Left | undefined;
  /** The rollback whose hold it lifts. */
  readonly liftsHold?: number | undefined;
  /** The unfinished deployment to take over. */
  readonly supersede: number | undefined;
  /** Why, in the person's words. */
  readonly reason?: string | undefined;
  /** Migration files that what a rollback leaves had added. */
  readonly staying?: readonly string[];
  readonly migrations: MigrationChange | undefined;
  /** The command without --supersede, as it is typed again. */
  readonly again: string;
  /** The command that finishes it where it ends half-way; `again` where undefined. */
  readonly finish?: string;
  /** Whether a release is named from which the hosts may not have kept everything. */
  readonly mayPull: boolean;
}

/** What a rollback leaves. */
export interface Left extends Pick<Intent, "revision" | "bundle"> {
  /** As far as git knows, the release that is gone back to has all of its commits, and more. */
  readonly isOlder: boolean;
}
