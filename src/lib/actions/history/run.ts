import type { Config } from "../../config/config.ts";
import type { Deployment, Ledger } from "../../ledger/ledger.ts";
import { resultOf } from "../../ledger/standing.ts";
import { hostedEnvironment } from "../../fleet/hosts.ts";
import type { HistoryResult, PastDeployment } from "./result.ts";

/** The environment's deployments as the ledger has them, newest first. Reads only; hosts are not asked. */
export async function history(
  options: { readonly environment: string; readonly limit: number },
  ports: { readonly config: Config; readonly ledger: Ledger },
): Promise<HistoryResult> {
  const environment = hostedEnvironment(ports.config, options.environment, "history");
  const { deployments: all, serverTime: now } = await ports.ledger.chronicle(environment.name);
  return {
    environment: environment.name,
    deployments: all.slice(0, options.limit).map((deployment) => past(deployment, now)),
    total: all.length,
    at: new Date(now).toISOString(),
  };
}

function past(deployment: Deployment, now: number): PastDeployment {
  const { intent, outcome } = deployment;
  const { number, kind, revision, bundle, by, startedAt } = intent;
  return {
    number,
    kind,
    revision,
    bundle: bundle.digest,
    result: resultOf(deployment, now),
    by,
    startedAt,
    finishedAt: outcome?.finishedAt,
    hosts: outcome?.hosts ?? intent.hosts.map((id) => ({ id, state: "unknown" })),
    rollbackOf: intent.rollbackOf,
    supersedes: intent.supersedes,
  };
}
