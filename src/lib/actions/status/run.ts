import type { Clock } from "../../clock/clock.ts";
import type { Config, EnvironmentConfig } from "../../config/config.ts";
import { ThreadsError } from "../../errors/threads-error.ts";
import type { Lease } from "../../ledger/lease.ts";
import type { Ledger } from "../../ledger/ledger.ts";
import { standing } from "../../ledger/standing.ts";
import type { Progress } from "../../progress/progress.ts";
import { deployableEnvironment, isDeployable } from "../../fleet/hosts.ts";
import type { Observed, Sight, TargetOf } from "../../fleet/target.ts";
import { reportEnvironment } from "./report.ts";
import type { EnvironmentStatus, StatusResult } from "../../fleet/status-result.ts";
import { formerHosts, stragglers } from "./stragglers.ts";

export interface StatusPorts {
  readonly config: Config;
  readonly targetOf: TargetOf<Sight>;
  readonly ledger: Ledger;
  readonly progress: Progress;
  readonly clock: Clock;
  readonly signal: AbortSignal;
  /** Where hosts answer, by id, as far as that is known. */
  readonly urls?: ReadonlyMap<string, string>;
}

/** What really runs, host by host, compared with the ledger. Reads only. */
export async function status(
  options: { readonly environment: string | undefined },
  ports: StatusPorts,
): Promise<StatusResult> {
  const all = Object.values(ports.config.environments);
  const { environment: wanted } = options;
  const environments =
    wanted === undefined
      ? all.filter(isDeployable)
      : [deployableEnvironment(ports.config, wanted, (name) => `threads status -e ${name}`)];
  const found = await ports.progress.tasks(
    environments.map((environment) => ({
      title: `Ask ${environment.name}`,
      run: () => environmentStatus(environment, ports),
    })),
    { concurrent: true },
  );
  const at = found.length === 0 ? ports.clock.now() : Math.max(...found.map((one) => one.serverTime));
  const reports = found.map((one) => one.report);
  return {
    outcome: worst(reports.map(({ outcome }) => outcome)),
    observedAt: new Date(at).toISOString(),
    environments: reports,
    next: reports.flatMap(({ next }) => next),
    advice: reports.flatMap(({ advice }) => advice),
  };
}

function worst(outcomes: readonly StatusResult["outcome"][]): StatusResult["outcome"] {
  const order = ["not-as-deployed", "under-way"] as const;
  return order.find((one) => outcomes.includes(one)) ?? "as-deployed";
}

async function environmentStatus(
  environment: EnvironmentConfig,
  ports: StatusPorts,
): Promise<{ readonly report: EnvironmentStatus; readonly serverTime: number }> {
  const { config, ledger, signal } = ports;
  const { name } = environment;
  const target = await ports.targetOf(environment);
  const [hosts, { deployments, serverTime }, freeze, lease] = await Promise.all([
    target.members(),
    ledger.deploymentLog(name),
    ledger.frozen(name),
    leaseOf(name, ports),
  ]);
  const [observed, strays] = await Promise.all([
    target.look(hosts, signal),
    observeFormer(formerHosts(deployments, hosts), { name, target }, ports),
  ]);
  const stands = standing(deployments, serverTime);
  const current = deployments.find(({ intent }) => intent.number === stands.current?.number);
  const report = reportEnvironment({
    environment: name,
    minimum: target.minimum,
    runtime: config.runtime,
    urls: ports.urls ?? new Map(),
    standing: stands,
    freeze,
    lease,
    observed,
    strays,
    stragglers: stragglers(strays, { deployments, belongs: target.belongs }),
    recordedEnvironment: current?.outcome?.environment,
    now: serverTime,
  });
  return { report, serverTime };
}

/** A role may be kept from what has not the tag: then the environment itself can be seen all the same. */
async function observeFormer(
  ids: readonly string[],
  { name, target }: { readonly name: string; readonly target: Sight },
  { progress, signal }: StatusPorts,
): Promise<readonly Observed[]> {
  if (ids.length === 0) return [];
  try {
    const hosts = (await target.former(ids)).filter(({ online }) => online);
    return await target.look(hosts, signal);
  } catch (error) {
    if (signal.aborted || !(error instanceof ThreadsError)) throw error;
    progress.warn(`hosts of earlier deployments to ${name} cannot be asked what they run: ${error.message}`);
    return [];
  }
}

/** That it cannot be read hides nothing of what runs. */
async function leaseOf(
  environment: string,
  { ledger, progress }: Pick<StatusPorts, "ledger" | "progress">,
): Promise<Lease | undefined> {
  try {
    return await ledger.lease(environment);
  } catch (error) {
    if (!(error instanceof ThreadsError) || error.outcome === "interrupted") throw error;
    progress.warn(`who is deploying to ${environment} is not known: ${error.message}`);
    return undefined;
  }
}
