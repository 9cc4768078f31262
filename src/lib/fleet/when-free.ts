import { ThreadsError } from "../errors/threads-error.ts";
import { deadAfterMs } from "../ledger/lease.ts";
import { type Step, step } from "../progress/progress.ts";
import type { FleetPorts } from "./ports.ts";
import { leaseText } from "./require-free.ts";

type WaitPorts = Pick<FleetPorts, "ledger" | "progress" | "clock" | "signal">;

/** Between two looks at a lease, in milliseconds: reading is cheap (40 a second for an account, service quotas). */
const lookMs = 2_000;
const shortestMs = 200;

/** Where no lease tells when it is time, the next look asks every host. */
const anewMs = 5_000;

interface Asked {
  readonly environment: string;
  /** Whether somebody else who is at work is waited for. */
  readonly wait?: boolean;
}

/**
 * What `run` does; where that is asked for, as soon as nobody else is at work: it is run anew each time, and so looks at
 * everything again. Ctrl-C ends the wait. @throws what `run` throws; where it waits, not DEPLOYMENT_UNDER_WAY and DEPLOYMENT_TAKEN
 */
export async function whenFree<T>(
  { environment, wait: waits }: Asked,
  run: () => Promise<T>,
  ports: WaitPorts,
): Promise<T> {
  for (;;) {
    try {
      return await run();
    } catch (error) {
      if (waits !== true || !isInTheWay(error)) throw error;
      const { message } = error;
      await step(ports.progress, `Wait for ${environment}`, (own) => wait({ environment, message }, own, ports));
    }
  }
}

function isInTheWay(error: unknown): error is ThreadsError {
  return error instanceof ThreadsError && (error.code === "DEPLOYMENT_UNDER_WAY" || error.code === "DEPLOYMENT_TAKEN");
}

/** Ends with the lease; where there is none that lives, after a moment. */
async function wait(
  of: { readonly environment: string; readonly message: string },
  own: Step,
  { ledger, clock, signal }: WaitPorts,
): Promise<void> {
  own.update(of.message);
  for (let isHeld = false; ; isHeld = true) {
    signal.throwIfAborted();
    const lease = await ledger.lease(of.environment).catch(() => undefined);
    if (lease?.state !== "alive") {
      if (!isHeld) await clock.sleep(anewMs, signal);
      return;
    }
    own.update(leaseText(of.environment, lease));
    await clock.sleep(Math.max(shortestMs, Math.min(lookMs, deadAfterMs - lease.quietMs)), signal);
  }
}
