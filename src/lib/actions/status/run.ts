import type { Clock } from "../../clock/clock.ts";
import type { Config } from "../../config/config.ts";
import type { Ledger } from "../../ledger/ledger.ts";
import { standing } from "../../ledger/standing.ts";
import type { Progress } from "../../progress/progress.ts";
import type { Remote } from "../../remote/remote.ts";
import { hasHosts, type HostedEnvironment, hostedEnvironment } from "./fleet.ts";
import { observe } from "./observe.ts";
import { reportEnvironment } from "./report.ts";
import type { EnvironmentStatus, StatusResult } from "./result.ts";

export interface StatusPorts {
  readonly config: Config;
  readonly remote: Remote;
  readonly ledger: Ledger;
  readonly progress: Progress;
  readonly clock: Clock;
  readonly signal: AbortSignal;
}

/** What really runs, host by host, compared with the ledger. Reads only. */
export async function status(
  options: { readonly environment: string | undefined },
  ports: StatusPorts,
): Promise<StatusResult> {
  const environments =
    options.environment === undefined
      ? Object.values(ports.config.environments).filter(hasHosts)
      : [hostedEnvironment(ports.config, options.environment, "status")];
  const found = await ports.progress.tasks(
    environments.map((environment) => ({
      title: `Ask ${environment.name}`,
      run: () => environmentStatus(environment, ports),
    })),
    { concurrent: true },
  );
  return {
    ok: found.every((environment) => environment.ok),
    at: new Date(ports.clock.now()).toISOString(),
    environments: found,
  };
}

async function environmentStatus(environment: HostedEnvironment, ports: StatusPorts): Promise<EnvironmentStatus> {
  const { config, remote, ledger, clock, signal } = ports;
  const [hosts, deployments, freeze] = await Promise.all([
    remote.hosts(environment.hosts),
    ledger.deployments(environment.name),
    ledger.frozen(environment.name),
  ]);
  const observed = await observe({ app: config.app, environment: environment.name, hosts }, { remote, signal });
  return reportEnvironment({
    environment: environment.name,
    minimum: environment.hosts.minimum,
    services: config.services,
    singletons: config.runtime.singletons,
    standing: standing(deployments, clock.now()),
    freeze,
    observed,
    now: clock.now(),
  });
}
