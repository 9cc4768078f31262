import type { AwsClients } from "../aws/clients.ts";
import { callerIdentity, type Identify, type Identity } from "../aws/identity.ts";
import { once } from "../aws/once.ts";
import type { Clock } from "../clock/clock.ts";
import type { Config } from "../config/config.ts";
import { ThreadsError } from "../errors/threads-error.ts";
import type { Ledger } from "../ledger/ledger.ts";
import { type LedgerPorts, parameterLedger } from "../ledger/parameters.ts";
import { principalOf } from "../ledger/principal.ts";
import { signedLedger } from "../ledger/signed-ledger.ts";
import { span } from "../text/words.ts";
import type { World } from "./world.ts";

/** The part of the world that the ledger needs. */
export interface LedgerWorld extends Pick<World, "config" | "aws" | "clock" | "signal" | "runtime"> {
  readonly progress: LedgerPorts["progress"];
  /** Waits for STS beside the clock, as the pulse of a deployment does: the clock's own sleep where there is none. */
  readonly patience?: Clock["sleep"] | undefined;
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
    once(() => principalFor(identify, world)),
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

/** The SDK's own tries of a service that is silent take minutes. */
const longestMs = 3_000;

/** What only tells who did something keeps nobody from doing it, and is hardly waited for. */
async function principalFor(
  identify: Identify,
  { progress: { warn }, clock, patience }: Pick<LedgerWorld, "progress" | "clock" | "patience">,
): Promise<string | undefined> {
  const over = new AbortController();
  const sleep = patience ?? ((ms, signal) => clock.sleep(ms, signal));
  const late = (): Promise<undefined> => sleep(longestMs, over.signal).then(() => undefined);
  try {
    const identity = await Promise.race([identify({ patienceMs: 0 }), late()]);
    if (identity === undefined) warn(`${unsaid}: STS has not answered within ${span(longestMs)}`);
    return identity && principalOf(identity.arn);
  } catch (error) {
    if (!(error instanceof ThreadsError)) throw error;
    if (error.outcome !== "interrupted") warn(`${unsaid}: ${error.message}`);
    return undefined;
  } finally {
    over.abort();
  }
}

const unsaid = "records do not say whom AWS takes these credentials for";
