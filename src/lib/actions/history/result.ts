import type { Author, DeploymentResult, HostOutcome } from "../../ledger/ledger.ts";

export interface HistoryResult {
  readonly environment: string;
  /** Newest first. */
  readonly deployments: readonly PastDeployment[];
  /** How many there are in all. */
  readonly total: number;
  /** ISO 8601, by the server's clock. */
  readonly at: string;
}

export interface PastDeployment {
  readonly number: number;
  readonly kind: "deploy" | "rollback";
  readonly revision: string;
  readonly bundle: string;
  /** running: under way. lost: it never wrote its end. */
  readonly result: DeploymentResult | "running" | "lost";
  readonly by: Author;
  readonly startedAt: string;
  readonly finishedAt: string | undefined;
  readonly hosts: readonly HostOutcome[];
  readonly rollbackOf: number | undefined;
  readonly supersedes: number | undefined;
}
