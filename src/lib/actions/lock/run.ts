import type { Config } from "../../config/config.ts";
import { deployableEnvironment } from "../../fleet/hosts.ts";
import { ThreadsError } from "../../errors/threads-error.ts";
import { authorText } from "../../ledger/author.ts";
import { deadAfterMs, type Lease, shownLease } from "../../ledger/lease.ts";
import type { Ledger } from "../../ledger/ledger.ts";
import { span } from "../../text/words.ts";
import type { LockResult } from "./result.ts";

export interface LockOptions {
  readonly environment: string;
  /** The deployment whose lease is broken; nothing is changed where undefined. */
  readonly breaks: number | undefined;
  /** Also where its holder lives. */
  readonly force: boolean;
  readonly dryRun: boolean;
}

export interface LockPorts {
  readonly config: Pick<Config, "environments">;
  readonly ledger: Pick<Ledger, "lease" | "breakLease">;
}

/**
 * Shows who has an environment's lease, and takes it away from who is gone.
 * @throws ThreadsError LEASE_ALIVE, LEASE_OF_ANOTHER (conflict), UNKNOWN_ENVIRONMENT (usage)
 */
export async function lock(options: LockOptions, { config, ledger }: LockPorts): Promise<LockResult> {
  const { breaks, force, dryRun } = options;
  const { name } = deployableEnvironment(config, options.environment, (of) => typed({ ...options, environment: of }));
  const lease = await ledger.lease(name);
  if (lease === undefined) return { environment: name, outcome: "free", lease: null, next: [], advice: [] };
  if (breaks === undefined) return shown(name, lease);
  requireBreakable(lease, { ...options, environment: name });
  const facts = { environment: name, lease: shownLease(lease) };
  if (dryRun) return { ...facts, outcome: "planned", next: [typed({ ...options, environment: name })], advice: [] };
  if (!(await ledger.breakLease(name, lease.nonce))) throw ofAnother(name, "somebody has taken it over meanwhile");
  // The deployer itself may still be at work.
  const advice = force && lease.state === "alive" ? [`deployment ${lease.number} was not stopped by that`] : [];
  return { ...facts, outcome: "broken", next: [`threads status -e ${name}`], advice };
}

function shown(environment: string, lease: Lease): LockResult {
  const isAlive = lease.state === "alive";
  return {
    environment,
    outcome: isAlive ? "held" : "dead",
    lease: shownLease(lease),
    next: isAlive ? [] : [typed({ environment, breaks: lease.number, force: false })],
    advice: isAlive ? [`its holder is taken for dead ${span(deadAfterMs)} after the last sign of life`] : [],
  };
}

function requireBreakable({ number, by, quietMs, state }: Lease, options: LockOptions): void {
  const { environment, breaks, force } = options;
  if (number !== breaks) throw ofAnother(environment, `it is that of deployment ${number} by ${authorText(by)}`);
  if (state === "dead" || force) return;
  throw new ThreadsError("LEASE_ALIVE", {
    message: `${authorText(by)} is at work on deployment ${number} of ${environment}: the last sign of life was ${span(quietMs)} ago`,
    next: [`threads status -e ${environment}`],
    advice: ["--force breaks it all the same; the deployment is not stopped by that"],
  });
}

function ofAnother(environment: string, how: string): ThreadsError {
  return new ThreadsError("LEASE_OF_ANOTHER", {
    message: `the lease of ${environment} was not broken: ${how}`,
    next: [`threads lock -e ${environment}`],
  });
}

function typed({ environment, breaks, force }: Pick<LockOptions, "environment" | "breaks" | "force">): string {
  const which = breaks === undefined ? "" : ` --break ${breaks}${force ? " --force" : ""}`;
  return `threads lock -e ${environment}${which}`;
}
