import type { Config } from "../../config/config.ts";
import { shownAuthor } from "../../ledger/author.ts";
import { deployableEnvironment } from "../../fleet/hosts.ts";
import { fold, unfold } from "../../ledger/folded.ts";
import type { DeploymentLog, Deployment, Ledger } from "../../ledger/ledger.ts";
import { resultOf, supersededBy } from "../../ledger/standing.ts";
import type { HistoryResult, PastDeployment } from "./result.ts";

export interface HistoryOptions {
  readonly environment: string;
  /** How many to read and show; a page where undefined. */
  readonly limit: number | undefined;
  /** Only deployments below this number; from the newest on where undefined. */
  readonly before: number | undefined;
}

const pageLength = 20;

export interface HistoryPorts {
  readonly config: Config;
  readonly ledger: Pick<Ledger, "deploymentLog" | "readOn">;
}

/** The environment's deployments as the ledger has them, newest first, a page of them. Reads only; hosts are not asked. */
export async function history(
  { environment: wanted, limit = pageLength, before }: HistoryOptions,
  ports: HistoryPorts,
): Promise<HistoryResult> {
  const { name } = deployableEnvironment(ports.config, wanted, (other) => `threads history -e ${other}`);
  const deploymentLog =
    before === undefined
      ? await ports.ledger.deploymentLog(name, limit)
      : await ports.ledger.readOn(name, nothingAbove(before + 1), limit + 1);
  const { folded, serverTime: now } = deploymentLog;
  const known = [...deploymentLog.deployments, ...folded.map(unfold)];
  const all = [
    ...deploymentLog.deployments.map((deployment) => past(deployment, { known, now, folded: false })),
    ...folded.map((one) => ({ ...past(unfold(one), { known, now, folded: true }), states: one.hosts })),
  ]
    // The one that took the newest over, where it is the one before the page, tells what became of that.
    .filter(({ number }) => before === undefined || number < before)
    .toSorted((one, other) => other.number - one.number);
  const deployments = all.slice(0, limit);
  return {
    outcome: deployments.length === 0 ? "empty" : "listed",
    environment: name,
    before: before ?? null,
    deployments,
    next: older(name, deployments.at(-1)?.number ?? 0, {
      limit,
      isEnd: deploymentLog.unread === 0 && all.length <= limit,
    }),
    advice: [],
    observedAt: new Date(now).toISOString(),
  };
}

function nothingAbove(before: number): DeploymentLog {
  return { deployments: [], folded: [], unread: before - 1, unreadable: [], serverTime: 0 };
}

function older(
  environment: string,
  last: number,
  { limit, isEnd }: { readonly limit: number; readonly isEnd: boolean },
): string[] {
  if (isEnd || last <= 1) return [];
  const command = `threads history -e ${environment} --before ${last}`;
  return [limit === pageLength ? command : `${command} --limit ${limit}`];
}

/** A deployment as results show it. @param known the others of the environment, as far as they were read */
export function past(
  deployment: Deployment,
  { known, now, folded }: { readonly known: readonly Deployment[]; readonly now: number; readonly folded: boolean },
): PastDeployment {
  const { intent, outcome } = deployment;
  const { number, kind, revision, bundle, by, startedAt } = intent;
  return {
    number,
    kind,
    revision,
    bundle: bundle.digest,
    result: resultOf(deployment, now, known),
    by: shownAuthor(by),
    startedAt,
    finishedAt: outcome?.finishedAt ?? null,
    hosts:
      outcome?.hosts.map(({ id, state, traffic = null, tasks = null }) => ({ id, state, traffic, tasks })) ??
      intent.hosts.map((id) => ({ id, state: "unknown", traffic: null, tasks: null })),
    states: fold(deployment).hosts,
    reason: intent.reason ?? null,
    rollbackOf: intent.rollbackOf ?? null,
    supersedes: intent.supersedes ?? null,
    liftsHold: intent.liftsHold ?? null,
    leftOut: intent.leftOut ?? [],
    supersededBy: supersededBy(deployment, known) ?? null,
    folded,
  };
}
