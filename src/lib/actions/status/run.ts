import type { Clock } from "../../clock/clock.ts";
import type { Config } from "../../config/config.ts";
import type { Ledger } from "../../ledger/ledger.ts";
import { standing } from "../../ledger/standing.ts";
import type { Progress } from "../../progress/progress.ts";
import type { Remote } from "../../remote/remote.ts";
import { hasHosts, type HostedEnvironment, hostedEnvironment } from "../../fleet/hosts.ts";
import { observe } from "../../fleet/observe.ts";
import { reportEnvironment } from "./report.ts";
import type { EnvironmentStatus, StatusResult } from "./result.ts";

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
  const environments =
    options.environment === undefined
      ? Object.values(ports.config.environments).filter(hasHosts)
      : [hostedEnvironment(ports.config, options.environment, (name) => `threads status -e ${name}`)];
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
  environment: HostedEnvironment,
  ports: StatusPorts,
): Promise<{ readonly report: EnvironmentStatus; readonly serverTime: number }> {
  const { config, remote, ledger, signal } = ports;
  const [hosts, { deployments, serverTime }, freeze] = await Promise.all([
    remote.hosts(environment.hosts),
    ledger.deploymentLog(environment.name),
    ledger.frozen(environment.name),
  ]);
  const observed = await observe({ app: config.app, environment: environment.name, hosts }, { remote, signal });
  const report = reportEnvironment({
    environment: environment.name,
    minimum: environment.hosts.minimum,
    runtime: config.runtime,
    urls: ports.urls ?? new Map(),
    standing: standing(deployments, serverTime),
    freeze,
    observed,
    now: serverTime,
  });
  return { report, serverTime };
}
