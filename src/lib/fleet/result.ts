import type { Digest } from "../image/digest.ts";
import type { Next } from "../errors/next.ts";
import type { MigrationChange } from "../release/migrations.ts";
import type { LeftOut } from "./out-of-reach.ts";
import type { Ships } from "./ships.ts";
import type { EnvironmentChange } from "../ledger/environment-change.ts";
import type { DeploymentResult, HostOutcome, WeighedStep } from "../ledger/ledger.ts";
import type { Pause } from "../script/pause.ts";
import type { MadeEnvironment, TaskCount, Timings, Traffic } from "../script/summary.ts";
import type { GithubDeployment } from "../source/github-deployments.ts";
import type { StepTiming } from "./timings.ts";

/** What `deploy` and `rollback` have done, or (planned) would do. */
export interface RolloutResult extends Next {
  /** behind: the step that was to be approved was begun before, and nothing was done. */
  readonly outcome: "deployed" | "already-running" | "planned" | "behind";
  readonly kind: "deploy" | "rollback";
  readonly environment: string;
  /** Of the ledger's record; null where none was written. */
  readonly number: number | null;
  readonly release: {
    readonly revision: string;
    readonly tree: string;
    readonly bundle: Digest;
    /** By service. */
    readonly images: Readonly<Record<string, Digest>>;
  };
  readonly hosts: readonly RolloutHost[];
  /** Hosts that it goes on without, since --without names them or a rollback did not reach them: they run what they ran. */
  readonly leftOut: readonly LeftOut[];
  /** Ids of hosts in the order in which they are switched, those together that are at once; without those left as they are. */
  readonly rounds: readonly (readonly string[])[];
  /** For how long the first of them is watched before the next, in milliseconds; 0 where it is not. */
  readonly observeMs: number;
  /** Parts of a hundred requests that the release gets step by step; null where it gets all at once. */
  readonly weights: readonly number[] | null;
  /** The steps that it came to, each with what the slots of all hosts have answered in it. */
  readonly weighed: readonly WeighedStep[];
  /** On ECS: the step that a person has approved, and the pauses that this lets go on; null where it goes on with none. */
  readonly continues: { readonly step: number; readonly pauses: readonly Pause[] } | null;
  /**
   * Contract migrations that it brings: once the first host has them and serves, a host that fails takes no other back with it.
   */
  readonly noReturn: readonly string[];
  /** What is or was done, in order. */
  readonly steps: readonly string[];
  /** What a planned deployment brings; null where nothing is planned, or by a rollback. */
  readonly ships: Ships | null;
  readonly rollbackOf: number | null;
  /**
   * Whether it keeps every other release out from now on: `deploy` is refused until one is told --lift-hold with the number of
   * this. True of each rollback.
   */
  readonly holds: boolean;
  /** The rollback whose hold it lifts; null where it lifts none. */
  readonly liftsHold: number | null;
  /** Migration files that what a rollback leaves had added, as far as git knows: they are not reversed. */
  readonly staying: readonly string[];
  /**
   * What it changes in the database, as the images tell (runtime.migrations); of a rollback, only what contracts. Null where
   * that is not known.
   */
  readonly migrations: MigrationChange | null;
  /** From what the environment was made with which it runs, or would; null where hosts have a file of their own, or it is not known. */
  readonly environmentMade: MadeEnvironment | null;
  /**
   * What became of the environment between the two releases, from the earlier to the later: what a deployment brings, what a
   * rollback leaves behind. Null where one of them is not known.
   */
  readonly environmentSince: EnvironmentChange | null;
  /** What GitHub shows of it; null where nobody was to be told: not by threads.yml, no token, no repository on GitHub, or nothing done. */
  readonly github: GithubDeployment | null;
  /** The command that undoes this, null where nothing else ran there before, or a contract migration closes the way. */
  readonly undo: string | null;
  readonly tookMs: number;
  /** Of the hosts' part, in order; none where nothing was done. */
  readonly timings: readonly StepTiming[];
}

export interface RolloutHost {
  readonly id: string;
  readonly name: string;
  /** Where it answers, as far as that is known: of the sandbox's hosts. */
  readonly url: string | null;
  /** Revision that it had on record before; null where it had none. */
  readonly before: string | null;
  readonly state: HostOutcome["state"];
  /** What its edge has seen meanwhile; null where it has none. */
  readonly traffic: Traffic | null;
  /** What became of the tasks of its Celery workers that were told to end; null where no log tells. */
  readonly tasks: TaskCount | null;
}

/** A host that was not there when a rollout began, and what became of it. */
export interface CameHost extends Pick<RolloutHost, "id" | "name" | "state"> {
  /** Why it does not run the release: completes "web-4 …"; empty where it does. */
  readonly says: string;
}

/** How a walk over the hosts ended, before it is put into words. */
export interface Ending {
  readonly result: DeploymentResult;
  readonly hosts: readonly HostOutcome[];
  readonly timings: Timings;
  /** Hosts that were not there when it began. */
  readonly came: readonly CameHost[];
  readonly weighed: readonly WeighedStep[];
  /** From what the environment was made on the first of them. */
  readonly environment?: MadeEnvironment;
  readonly github?: GithubDeployment | null;
}
