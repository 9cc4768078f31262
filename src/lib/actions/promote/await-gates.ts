import { randomInt } from "node:crypto";
import type { Clock } from "../../clock/clock.ts";
import type { Gate } from "../../gates/result.ts";
import { isWaiting, waitingText } from "../../gates/waiting.ts";
import { type Progress, step } from "../../progress/progress.ts";
import { shortRevision } from "../../release/revision.ts";
import { type PromotePlan, shutGates } from "./plan.ts";

interface AwaitPorts {
  readonly progress: Progress;
  readonly clock: Clock;
  readonly signal: AbortSignal;
}

/** Between two looks where somebody else may open a gate at any moment, and where only time will, in milliseconds. */
const pauseMs = 15_000;
const longPauseMs = 60_000;
/** By chance, so that many promotions do not ask in step. */
const jitterMs = 3_000;

/**
 * Waits for as long as all that keeps the release out comes by itself or from others; for ever, if need be. Each look is a
 * whole one: what speaks against the release meanwhile ends the wait as well.
 */
export async function awaitGates(
  plan: PromotePlan,
  lookAgain: (plan: PromotePlan) => Promise<PromotePlan>,
  { progress, clock, signal }: AwaitPorts,
): Promise<PromotePlan> {
  if (!isHeldUp(plan)) return plan;
  return step(progress, "Wait for the gates", async (task) => {
    let seen = plan;
    while (isHeldUp(seen)) {
      const shut = shutGates(seen);
      task.update(shut.map(waitingText).join("; "));
      await clock.sleep(pauseBefore(shut, seen.facts.gates.now), signal);
      seen = await lookAgain(seen);
    }
    const { revision } = seen.target.resolved.published.release;
    task.done(`Waited for the gates of ${shortRevision(revision)}`);
    return seen;
  });
}

/** Whether there is nothing to do for this promotion but to wait. */
export function isHeldUp(plan: PromotePlan): boolean {
  return !plan.done && isWaiting(shutGates(plan));
}

/** @param now by the server's clock, of which the gates speak, in milliseconds since the epoch */
function pauseBefore(shut: readonly Gate[], now: number): number {
  const left = shut.flatMap(({ opensAt }) => (opensAt === null ? [] : [Math.max(0, Date.parse(opensAt) - now)]));
  const longest = left.length < shut.length ? pauseMs : longPauseMs;
  return Math.min(longest, ...left) + 1_000 + randomInt(jitterMs);
}
