import type { Clock } from "../clock/clock.ts";
import { type Progress, settle } from "../progress/progress.ts";
import { took } from "../text/words.ts";
import type { Paint } from "./paint.ts";

export interface PlainOptions {
  readonly write: (line: string) => void;
  readonly paint: Paint;
  readonly clock: Clock;
}

/** An update is printed at most this often a task: a log is read afterwards, not watched. */
const updateEveryMs = 5_000;

/** Progress for logs: each fact once, on a line of its own, nothing redrawn. */
export function plainProgress({ write, paint, clock }: PlainOptions): Progress {
  return {
    tasks: (tasks, options) =>
      settle(
        tasks.map((task) => async () => {
          const startedAt = clock.now();
          let title = task.title;
          let updatedAt = startedAt;
          write(`${paint.dim("·")} ${title}`);
          try {
            const value = await task.run({
              update: (text) => {
                if (clock.now() - updatedAt < updateEveryMs) return;
                updatedAt = clock.now();
                write(paint.dim(`  ${title}: ${text}`));
              },
              done: (text) => (title = text),
            });
            write(`${paint.good("✔")} ${title} ${paint.dim(took(clock.now() - startedAt))}`);
            return value;
          } catch (error) {
            write(`${paint.bad("✖")} ${title} ${paint.dim(took(clock.now() - startedAt))}`);
            throw error;
          }
        }),
        options?.concurrent ?? false,
      ),
    note: write,
    warn: (message) => write(`${paint.warn("!")} ${message}`),
    line: write,
  };
}
