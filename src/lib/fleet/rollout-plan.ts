import type { EnvironmentConfig } from "../config/config.ts";
import type { DeploymentLog, Intent, RecordedRelease } from "../ledger/ledger.ts";
import type { Standing } from "../ledger/standing.ts";
import type { MigrationChange } from "../release/migrations.ts";
import type { MadeEnvironment, Timings } from "../script/summary.ts";
import type { Observed } from "./observe.ts";
import type { LeftOut } from "./out-of-reach.ts";

/** What a deployment will do, before it does it. */
export interface RolloutPlan {
  readonly kind: "deploy" | "rollback";
  readonly environment: EnvironmentConfig;
  readonly number: number;
  readonly release: RecordedRelease;
  /** In the order in which they are switched; the first one migrates and runs the singletons. */
  readonly hosts: readonly PlannedHost[];
  /** Hosts that a rollback goes on without; a deployment has none. */
  readonly leftOut: readonly LeftOut[];
  /** One-shot service run on the first host. */
  readonly migrate: string | undefined;
  readonly rollbackOf: number | undefined;
  readonly supersedes: number | undefined;
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
  readonly steps: readonly string[];
  /** The command without --supersede, as it is typed again. */
  readonly again: string;
  /** What runs there by the ledger's word. */
  readonly current: Intent | undefined;
  /** How long the host's steps usually take. */
  readonly usual: Timings;
}

export interface PlannedHost {
  readonly id: string;
  readonly name: string;
  readonly before: string | undefined;
  /** What has to make room first, so that nobody answers meanwhile: its one project for the slots, or its slots for that. */
  readonly makesRoom: "project" | "slots" | undefined;
  /** From what the environment of what it serves was made; undefined where that is a file of its own. */
  readonly environment?: MadeEnvironment | undefined;
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
  readonly rollbackOf?: number;
  /** The unfinished deployment to take over. */
  readonly supersede: number | undefined;
  /** Why, in the person's words. */
  readonly reason?: string | undefined;
  /** Migration files that what a rollback leaves had added. */
  readonly staying?: readonly string[];
  readonly migrations: MigrationChange | undefined;
  /** The command without --supersede, as it is typed again. */
  readonly again: string;
  /** Whether a release is named from which the hosts may not have kept everything. */
  readonly mayPull: boolean;
}
