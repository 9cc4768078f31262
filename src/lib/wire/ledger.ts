import type { AwsClients } from "../aws/clients.ts";
import type { Config } from "../config/config.ts";
import type { Ledger } from "../ledger/ledger.ts";
import { type LedgerPorts, parameterLedger } from "../ledger/parameters.ts";
import type { World } from "./world.ts";

/** The part of the world that the ledger needs. */
export interface LedgerWorld extends Pick<World, "config" | "aws" | "clock" | "runtime"> {
  readonly progress: LedgerPorts["progress"];
}

/** What every use case on AWS begins with. */
export interface OpenLedger {
  readonly config: Config;
  readonly aws: AwsClients;
  readonly ledger: Ledger;
}

/**
 * The ledger of the configured application. Nothing is asked yet. @throws ThreadsError usage, for a wrong configuration
 * @param signal ends a wait for AWS; left out where it must still be written how an interruption ended
 */
export async function openLedger(world: LedgerWorld, signal?: AbortSignal): Promise<OpenLedger> {
  const [config, ports] = await Promise.all([world.config(), ledgerPorts(world, signal)]);
  return { config, aws: ports.aws, ledger: parameterLedger(ports) };
}

/** Where the ledger lies. */
export async function ledgerPorts(
  { config, aws: open, clock, runtime, progress }: LedgerWorld,
  signal?: AbortSignal,
): Promise<LedgerPorts & { readonly aws: AwsClients }> {
  const [{ app }, aws] = await Promise.all([config(), open()]);
  return { aws, clock, signal, app, version: runtime.threads, progress };
}
