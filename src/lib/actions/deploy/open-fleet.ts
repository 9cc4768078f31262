import type { AwsClients } from "../../aws/clients.ts";
import type { Clock } from "../../clock/clock.ts";
import type { Config } from "../../config/config.ts";
import { author } from "../../ledger/author.ts";
import { parameterLedger } from "../../ledger/parameters.ts";
import type { Progress } from "../../progress/progress.ts";
import { openRegistry } from "../../registry/open.ts";
import type { Registry } from "../../registry/registry.ts";
import { ssmRemote } from "../../remote/ssm.ts";
import type { FleetPorts } from "./run.ts";

/** What is needed of the world outside; `World` of the room cli has it. */
interface Surroundings {
  readonly clock: Clock;
  readonly progress: Progress;
  readonly signal: AbortSignal;
  readonly hurry: AbortSignal;
  readonly env: Readonly<Record<string, string | undefined>>;
  config(): Promise<Config>;
  aws(): Promise<AwsClients>;
}

/** The ports that deploy and rollback share, each with its real adapter. Nothing is asked yet. */
export async function openFleet(world: Surroundings): Promise<FleetPorts & { readonly registry: Registry }> {
  const { clock, progress, signal, hurry } = world;
  const [config, aws] = await Promise.all([world.config(), world.aws()]);
  return {
    ...openRegistry({ config, aws, clock, signal }),
    config,
    remote: ssmRemote({ aws, clock }),
    ledger: parameterLedger({ aws, clock, app: config.app }),
    author: author(world.env),
    progress,
    clock,
    signal,
    hurry,
  };
}
