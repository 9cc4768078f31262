import type { Clock } from "../clock/clock.ts";
import { removeImages } from "../docker/commands.ts";
import { ThreadsError } from "../errors/threads-error.ts";
import { commandText } from "../process/processes.ts";
import { type Progress, step } from "../progress/progress.ts";
import { cleanUp, type Stack } from "./commands.ts";
import type { Compose } from "./docker-compose.ts";
import { listOurs } from "./stale.ts";

export interface TakeDownPorts {
  readonly compose: Pick<Compose, "down" | "untag">;
  readonly progress: Progress;
  readonly clock: Clock;
  readonly cancelNow: AbortSignal;
}

export interface Down {
  readonly ms: number;
  readonly leftovers: readonly string[];
  readonly next: readonly string[];
}

/** Takes down what a run has started; what cannot be removed is named, with the commands that remove it. */
export async function takeDown(
  run: {
    readonly project: string;
    readonly temporary: readonly string[];
    readonly stack: Stack;
    readonly failed: boolean;
  },
  ports: TakeDownPorts,
): Promise<Down> {
  const { compose, clock, cancelNow } = ports;
  const { project, temporary } = run;
  const startedAt = clock.now();
  const next = [
    commandText(cleanUp(project)),
    ...(temporary.length === 0 ? [] : [commandText(removeImages(temporary))]),
  ];
  try {
    const leftovers = await step(ports.progress, "Take the stack down", async () => {
      const left = await compose.down(run.stack, { signal: cancelNow, check: run.failed });
      await compose.untag(temporary, cancelNow);
      return left;
    });
    return { ms: clock.now() - startedAt, leftovers, next: leftovers.length === 0 ? [] : next };
  } catch {
    // Why it could not be taken down matters less than what to type now.
    return { ms: clock.now() - startedAt, leftovers: [`project ${project}`], next: [...next, listOurs] };
  }
}

/** The original failure, with what is still there and how to remove it. */
export function withLeftovers(error: unknown, down: Down): unknown {
  if (down.leftovers.length === 0) return error;
  const details = [`still there: ${down.leftovers.join(", ")}`];
  if (!(error instanceof ThreadsError)) {
    if (error instanceof Error) error.message += ` (${details[0]}; remove with: ${down.next[0]})`;
    return error;
  }
  return error.with({ details: [...error.details, ...details], next: [...down.next, ...error.next] });
}
