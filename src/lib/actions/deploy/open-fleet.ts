import type { AwsClients } from "../../aws/clients.ts";
import type { Clock } from "../../clock/clock.ts";
import type { Config } from "../../config/config.ts";
import { author } from "../../ledger/author.ts";
import { parameterLedger } from "../../ledger/parameters.ts";
import type { Progress } from "../../progress/progress.ts";
import { openPlace, openRegistry } from "../../registry/open.ts";
import { ssmRemote } from "../../remote/ssm.ts";
import type { FleetPorts } from "../../fleet/ports.ts";
import type { DeployPorts } from "./run.ts";

/** What is needed of the world outside; `World` of the room cli has it. */
interface Surroundings {
  readonly clock: Clock;
  readonly progress: Progress;
  readonly signal: AbortSignal;
  readonly hurry: AbortSignal;
  readonly leave: AbortSignal;
  readonly env: Readonly<Record<string, string | undefined>>;
  /** Of this CLI. */
  readonly version: string;
  config(): Promise<Config>;
  aws(): Promise<AwsClients>;
}

/** The ports of a rollback, each with its real adapter. The registry is not asked: hosts have kept what they go back to. */
export async function openFleet(world: Surroundings): Promise<FleetPorts> {
  const { clock, signal } = world;
  const [config, aws] = await Promise.all([world.config(), world.aws()]);
  const { address, checkAccount } = await openPlace({ config, aws, clock, signal });
  return { ...fleet(world, { config, aws }), registryHost: address.host, checkAccount };
}

/** The ports of a deployment, which takes its release from the registry. */
export async function openDeployment(world: Surroundings): Promise<Omit<DeployPorts, "source">> {
  const { clock, signal } = world;
  const [config, aws] = await Promise.all([world.config(), world.aws()]);
  const opened = await openRegistry({ config, aws, clock, signal });
  return { ...fleet(world, { config, aws }), ...opened, registryHost: opened.repo.host };
}

function fleet(
  world: Surroundings,
  { config, aws }: { readonly config: Config; readonly aws: AwsClients },
): Omit<FleetPorts, "registryHost" | "checkAccount"> {
  const { clock, progress, signal, hurry, leave } = world;
  return {
    config,
    remote: ssmRemote({ aws, clock }),
    ledger: parameterLedger({ aws, clock, app: config.app, version: world.version, progress }),
    author: author(world.env),
    progress,
    clock,
    signal,
    hurry,
    leave,
  };
}
