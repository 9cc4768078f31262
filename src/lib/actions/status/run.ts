import type { Clock } from "../../clock/clock.ts";
import type { Config } from "../../config/config.ts";
import { ThreadsError } from "../../errors/threads-error.ts";
import type { Lease } from "../../ledger/lease.ts";
import type { Ledger } from "../../ledger/ledger.ts";
import { standing } from "../../ledger/standing.ts";
import type { Progress } from "../../progress/progress.ts";
import type { Remote } from "../../remote/remote.ts";
import { hasHosts, type HostedEnvironment, hostedEnvironment } from "../../fleet/hosts.ts";
import { type Observed, observe } from "../../fleet/observe.ts";
import { reportEnvironment } from "./report.ts";
import type { EnvironmentStatus, StatusResult } from "./result.ts";
import { formerHosts, stragglers } from "./stragglers.ts";

export interface StatusPorts {
  readonly config: Config;
  readonly remote: Remote;
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
  const unseen = options.environment === undefined ? all.filter(({ ecs }) => ecs !== undefined) : [];
  const hosted = all.filter(hasHosts);
  // Nothing seen is not the same as all well: where there is nothing but ECS, that is the answer.
  const wanted = options.environment ?? (hosted.length === 0 ? unseen[0]?.name : undefined);
  const environments =
    wanted === undefined ? hosted : [hostedEnvironment(ports.config, wanted, (name) => `threads status -e ${name}`)];
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
    advice: [
      ...reports.flatMap(({ advice }) => advice),
      ...unseen.map(({ name }) => `${name} runs on ECS, where status cannot look yet`),
    ],
  };
}

function worst(outcomes: readonly StatusResult["outcome"][]): StatusResult["outcome"] {
  const order = ["not-as-deployed", "under-way"] as const;
  return order.find((one) => outcomes.includes(one)) ?? "as-deployed";
}

async function environmentStatus(
  environment: HostedEnvironment,
  ports: StatusPorts,
): Promise<{ readonly report: EnvironmentStatus; readonly serverTime: number }> {
  const { config, remote, ledger, signal } = ports;
  const { name } = environment;
  const [hosts, { deployments, serverTime }, freeze, lease] = await Promise.all([
    remote.hosts(environment.hosts),
    ledger.deploymentLog(name),
    ledger.frozen(name),
    leaseOf(name, ports),
  ]);
  const [observed, strays] = await Promise.all([
    observe({ app: config.app, environment: name, hosts }, { remote, signal }),
    observeFormer(formerHosts(deployments, hosts), name, ports),
  ]);
  const stands = standing(deployments, serverTime);
  const current = deployments.find(({ intent }) => intent.number === stands.current?.number);
  const { tag, value } = environment.hosts;
  const report = reportEnvironment({
    environment: name,
    minimum: environment.hosts.minimum,
    runtime: config.runtime,
    urls: ports.urls ?? new Map(),
    standing: stands,
    freeze,
    lease,
    observed,
    strays,
    stragglers: stragglers(strays, { deployments, tag: `${tag}=${value}` }),
    recordedEnvironment: current?.outcome?.environment,
    now: serverTime,
  });
  return { report, serverTime };
}

/** A role may be kept from what has not the tag: then the environment itself can be seen all the same. */
async function observeFormer(
  ids: readonly string[],
  environment: string,
  { config, remote, progress, signal }: StatusPorts,
): Promise<readonly Observed[]> {
  if (ids.length === 0) return [];
  try {
    const hosts = (await remote.registered(ids)).filter(({ online }) => online);
    return await observe({ app: config.app, environment, hosts }, { remote, signal });
  } catch (error) {
    if (signal.aborted || !(error instanceof ThreadsError)) throw error;
    progress.warn(`hosts of earlier deployments to ${environment} cannot be asked what they run: ${error.message}`);
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
