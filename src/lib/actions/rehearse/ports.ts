import type { Clock } from "../../clock/clock.ts";
import type { Config } from "../../config/config.ts";
import type { RolloutResult } from "../../fleet/result.ts";
import type { Author } from "../../ledger/author.ts";
import type { Ledger } from "../../ledger/ledger.ts";
import type { RunLoad } from "../../load/load.ts";
import type { Progress } from "../../progress/progress.ts";
import type { Registry } from "../../registry/registry.ts";
import type { PublishedRelease } from "../../release/release.ts";
import type { ResolvePorts } from "../../resolve/types.ts";
import type { HostStep } from "../../sandbox/host-steps.ts";
import type { SeenLock } from "../../sandbox/lock-watch.ts";
import type { HostMemory } from "../../sandbox/memory-watch.ts";
import type { HostedEnvironment } from "../../fleet/hosts.ts";

export interface RehearsePorts extends Omit<ResolvePorts, "config" | "registry" | "ledger"> {
  readonly config: Pick<
    Config,
    "app" | "environments" | "registry" | "checks" | "stress" | "runtime" | "sandbox" | "file"
  >;
  readonly registry: Pick<Registry, "find" | "findMany">;
  readonly ledger: Pick<Ledger, "deploymentLog" | "attest">;
  /** Brings a sandbox up that nobody else knows of. Where that fails nothing of it stays. */
  readonly openStage: (wanted: StageWanted) => Promise<Stage>;
  readonly runLoad: RunLoad;
  /** Bytes of memory that this machine has left. */
  readonly freeBytes: () => number;
  readonly author: Author;
  /** Of this CLI. */
  readonly version: string;
  readonly progress: Progress;
  readonly clock: Clock;
  readonly signal: AbortSignal;
}

export interface StageWanted {
  readonly environment: HostedEnvironment;
  readonly hosts: number;
  /** What is deployed there. */
  readonly releases: readonly PublishedRelease[];
}

/** A sandbox that has the images of all releases, and where nothing is deployed yet. */
export interface Stage {
  /** Where its hosts answer. */
  readonly places: readonly { readonly host: string; readonly url: string }[];
  /** As `threads deploy` does it. @throws ThreadsError what that does */
  deploy(revision: string): Promise<RolloutResult>;
  /** As `threads rollback` does it. @throws ThreadsError what that does */
  rollback(): Promise<RolloutResult>;
  /** What hosts' scripts have come to in a deployment, oldest first. */
  stepsOf(deployment: number): Promise<readonly HostStep[]>;
  /** Looks at locks and memory from now on. */
  watch(): StageWatch;
  /** Removes it with all that is in it. */
  close(): Promise<void>;
}

export interface StageWatch {
  stop(): Promise<{
    /** Null where no PostgreSQL of the sandbox can tell. */
    readonly locks: readonly SeenLock[] | null;
    readonly memory: readonly HostMemory[];
  }>;
}
