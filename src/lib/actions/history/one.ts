import type { EnvironmentConfig } from "../../config/config.ts";
import { deployableEnvironment } from "../../fleet/hosts.ts";
import { compareTimings, usualTimings } from "../../fleet/timings.ts";
import { ThreadsError } from "../../errors/threads-error.ts";
import { shownAuthor } from "../../ledger/author.ts";
import { unfold } from "../../ledger/folded.ts";
import type { Deployment, FailureCause, Ledger } from "../../ledger/ledger.ts";
import type { Promotion } from "../../ledger/promotions.ts";
import { hostLog } from "../../script/host-scripts.ts";
import type { DeploymentDetail, PastDeployment, PastPromotion } from "./result.ts";
import { type HistoryPorts, past } from "./run.ts";

export interface OneDeploymentOptions {
  readonly environment: string;
  readonly number: number;
}

export interface OneDeploymentPorts extends HistoryPorts {
  readonly ledger: HistoryPorts["ledger"] & Pick<Ledger, "promotionsOf">;
}

/** One deployment in detail, as the ledger has it. Reads only; hosts are not asked. @throws ThreadsError NO_SUCH_DEPLOYMENT (refused) */
export async function oneDeployment(
  { environment: wanted, number }: OneDeploymentOptions,
  { config, ledger }: OneDeploymentPorts,
): Promise<DeploymentDetail> {
  const { name, ecs } = deployableEnvironment(config, wanted, (other) => `threads history -e ${other}`);
  // Those after it tell what became of it.
  const log = await ledger.deploymentLog(name, ({ deployments, folded }) =>
    [...deployments.map(({ intent }) => intent), ...folded].some((one) => one.number <= number),
  );
  const known = [...log.deployments, ...log.folded.map(unfold)];
  const found = known.find(({ intent }) => intent.number === number);
  if (found === undefined) throw noSuchDeployment(name, number, known);
  const folded = log.folded.find((one) => one.number === number);
  const shown = past(found, { known, now: log.serverTime, folded: folded !== undefined });
  const deployment = folded === undefined ? shown : { ...shown, states: folded.hosts };
  const others = log.deployments.filter(({ intent }) => intent.number !== number);
  const promotions = await ledger.promotionsOf(name, found.intent.bundle.digest);
  return {
    outcome: "found",
    environment: name,
    deployment,
    cause: causeOf(found.outcome?.cause),
    endedBy: endedBy(found),
    timings: compareTimings(found.outcome?.timings ?? {}, usualTimings(others, found.intent.kind)),
    rolledBackBy: rolledBackBy(number, known),
    images: Object.fromEntries(Object.entries(found.intent.images).map(([service, pin]) => [service, pin.digest])),
    environmentMade: found.outcome?.environment ?? null,
    promotions: promotions.map(promoted).toSorted((one, other) => one.promotedAt.localeCompare(other.promotedAt)),
    log: ecs === undefined ? hostLog(number) : null,
    next: nextCommands({ name, ecs }, deployment, found.outcome?.cause),
    advice: [],
    observedAt: new Date(log.serverTime).toISOString(),
  };
}

function noSuchDeployment(environment: string, number: number, known: readonly Deployment[]): ThreadsError {
  const newest = known[0]?.intent.number;
  const instead = newest === undefined ? "nothing was ever deployed there" : `the newest is ${newest}`;
  return new ThreadsError("NO_SUCH_DEPLOYMENT", {
    message: `${environment} has no deployment ${number}; ${instead}`,
    next: [`threads history -e ${environment}`],
  });
}

function causeOf(cause: FailureCause | undefined): DeploymentDetail["cause"] {
  if (cause === undefined) return null;
  const { code, message, host, step } = cause;
  return { code, message, host: host ?? null, step: step ?? null };
}

function endedBy({ intent, outcome }: Deployment): string | null {
  const { principal } = outcome ?? {};
  return principal === undefined || principal === intent.by.principal ? null : principal;
}

function rolledBackBy(number: number, known: readonly Deployment[]): number | null {
  const back = known.filter(({ intent, outcome }) => intent.rollbackOf === number && outcome?.result === "succeeded");
  return back.at(-1)?.intent.number ?? null;
}

function promoted({ at, by, tags, overrides }: Promotion): PastPromotion {
  return {
    promotedAt: at,
    by: shownAuthor(by),
    tags,
    overrides: overrides.map(({ gate, reason }) => ({ gate, reason })),
  };
}

function nextCommands(
  { name: environment, ecs }: Pick<EnvironmentConfig, "name" | "ecs">,
  past: PastDeployment,
  cause: FailureCause | undefined,
): string[] {
  const { number, result, folded, startedAt } = past;
  if (result === "succeeded" || result === "superseded") return [];
  const explain = cause === undefined || cause.code === "BUG" ? [] : [`threads explain ${cause.code}`];
  const follow = result === "running" ? " --follow" : "";
  // On ECS no script has written one: what tasks have said since then is all there is.
  const whose = ecs === undefined ? `--deployment ${number}` : `--since ${startedAt}`;
  const log = folded ? [] : [`threads logs -e ${environment} ${whose}${follow}`];
  return [...explain, `threads status -e ${environment}`, ...log];
}
