import type { Author, DeploymentResult } from "../../ledger/ledger.ts";
import type { ServiceStatus } from "../../fleet/judge.ts";

export interface StatusResult {
  /** Everything is as the ledger says, everywhere. */
  readonly ok: boolean;
  /** ISO 8601, by the server's clock. */
  readonly at: string;
  readonly environments: readonly EnvironmentStatus[];
}

export interface EnvironmentStatus {
  readonly environment: string;
  readonly ok: boolean;
  /** What every host should run; undefined where nothing was ever deployed. */
  readonly release: ReleaseStatus | undefined;
  /** The newest deployment where it is not the one above: under way, failed, interrupted … */
  readonly latest: AttemptStatus | undefined;
  /** Nothing is promoted or deployed to it until that is lifted; null where it is not frozen. It is no fault. */
  readonly freeze: FreezeStatus | null;
  readonly hosts: readonly HostStatus[];
  /** Sentences for a person, one for each thing that is not as it should be. */
  readonly problems: readonly string[];
  readonly next: readonly string[];
}

export interface ReleaseStatus {
  readonly number: number;
  readonly kind: "deploy" | "rollback";
  readonly revision: string;
  readonly bundle: string;
  readonly by: Author;
  readonly at: string;
}

export interface AttemptStatus {
  readonly number: number;
  readonly kind: "deploy" | "rollback";
  readonly revision: string;
  readonly result: DeploymentResult | "running" | "lost";
  readonly by: Author;
  readonly at: string;
}

export interface FreezeStatus {
  readonly reason: string;
  readonly by: Author;
  /** ISO 8601, by the server's clock. */
  readonly since: string;
  /** The command that ends it. */
  readonly lift: string;
}

export interface HostStatus {
  readonly id: string;
  readonly name: string;
  /** offline: SSM has lost it. silent: it did not answer. gone: in the ledger, but no longer registered. */
  readonly verdict: "ok" | "wrong" | "offline" | "silent" | "gone";
  /** The release that the host itself has on record, undefined where it has none. */
  readonly release:
    | { readonly number: number; readonly revision: string; readonly bundle: string; readonly at: string }
    | undefined;
  /** A deployment is at work on it. */
  readonly busy: boolean;
  readonly services: readonly ServiceStatus[];
  readonly says: string;
}
