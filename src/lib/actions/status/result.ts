import type { Next } from "../../errors/next.ts";
import type { ShownAuthor } from "../../ledger/author.ts";
import type { DeploymentResult } from "../../ledger/ledger.ts";
import type { ServiceStatus } from "../../fleet/judge.ts";

/** as-deployed: everything is as the ledger says. */
type StatusOutcome = "as-deployed" | "not-as-deployed";

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
  readonly result: DeploymentResult | "running" | "lost";
  readonly by: ShownAuthor;
  readonly startedAt: string;
}

export interface FreezeStatus {
  readonly reason: string;
  readonly by: ShownAuthor;
  /** ISO 8601, by the server's clock. */
  readonly frozenAt: string;
  /** The command that ends it. */
  readonly lift: string;
}

export interface HostStatus {
  readonly id: string;
  readonly name: string;
  /** offline: SSM has lost it. silent: it did not answer. gone: in the ledger, but no longer registered. */
  readonly verdict: "ok" | "wrong" | "offline" | "silent" | "gone";
  /** The release that the host itself has on record, null where it has none. */
  readonly release: {
    readonly number: number;
    readonly revision: string;
    readonly bundle: string;
    readonly recordedAt: string;
  } | null;
  /** A deployment is at work on it. */
  readonly busy: boolean;
  readonly services: readonly ServiceStatus[];
  readonly says: string;
}
