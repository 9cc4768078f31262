import type { AwsClients } from "../aws/clients.ts";
import { callerIdentity, type Identify, type Identity } from "../aws/identity.ts";
import { once } from "../aws/once.ts";
import type { Config } from "../config/config.ts";
import { ThreadsError } from "../errors/threads-error.ts";
import type { Ledger } from "../ledger/ledger.ts";
import { type LedgerPorts, parameterLedger } from "../ledger/parameters.ts";
import { principalOf } from "../ledger/principal.ts";
import { signedLedger } from "../ledger/signed-ledger.ts";
import type { World } from "./world.ts";

/** The part of the world that the ledger needs. */
export interface LedgerWorld extends Pick<World, "config" | "aws" | "clock" | "signal" | "runtime"> {
  readonly progress: LedgerPorts["progress"];
}

/** What every use case on AWS begins with. */
export interface OpenLedger {
  readonly config: Config;
  readonly aws: AwsClients;
  readonly ledger: Ledger;
  /** Who the credentials belong to, asked once: what compares the account and what signs the records share the answer. */
  readonly identify: Identify;
}

/**
 * The ledger of the configured application. Nothing is asked yet. @throws ThreadsError usage, for a wrong configuration
 * @param signal ends a wait for AWS; left out where it must still be written how an interruption ended
 */
export async function openLedger(world: LedgerWorld, signal?: AbortSignal): Promise<OpenLedger> {
  const [config, ports] = await Promise.all([world.config(), ledgerPorts(world, signal)]);
  const { aws, clock } = ports;
  const identify = identifyOnce({ aws, clock, signal: world.signal });
  const ledger = signedLedger(
    parameterLedger(ports),
    once(() => principalFor(identify, world.progress)),
  );
  return { config, aws, ledger, identify };
}

/** Where the ledger lies. */
export async function ledgerPorts(
  { config, aws: open, clock, runtime, progress }: Omit<LedgerWorld, "signal">,
  signal?: AbortSignal,
): Promise<LedgerPorts & { readonly aws: AwsClients }> {
  const [{ app }, aws] = await Promise.all([config(), open()]);
  return { aws, clock, signal, app, version: runtime.threads, progress };
}

function identifyOnce(ports: { readonly aws: AwsClients } & Pick<World, "clock" | "signal">): Identify {
  let asked: Promise<Identity> | undefined;
  return (patience) => (asked ??= callerIdentity(ports, patience));
}

/** What only tells who did something keeps nobody from doing it, and is not waited for. */
async function principalFor(identify: Identify, { warn }: LedgerPorts["progress"]): Promise<string | undefined> {
  try {
    return principalOf((await identify({ patienceMs: 0 })).arn);
  } catch (error) {
    if (!(error instanceof ThreadsError)) throw error;
    if (error.outcome !== "interrupted")
      warn(`records do not say whom AWS takes these credentials for: ${error.message}`);
    return undefined;
  }
}
