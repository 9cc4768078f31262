import { DefaultRenderer, Listr, ListrLogger, PRESET_TIMER, ProcessOutput } from "listr2";
import type { Progress, Task } from "../progress/progress.ts";
import { took } from "../text/words.ts";
import type { Paint } from "./paint.ts";

export interface LiveOptions {
  readonly stream: NodeJS.WriteStream;
  readonly paint: Paint;
}

/** Progress for a terminal: listr2 redraws the running list; everything else waits until it is finished. */
export function liveProgress({ stream, paint }: LiveOptions): Progress {
  let drawing = 0;
  let waiting: string[] = [];
  const active = new Set<Drawn>();
  const say = (line: string): void => {
    if (drawing === 0) return void stream.write(`${line}\n`);
    waiting.push(line);
    // Shown at once under what is running, since the line itself has to wait: somebody may just have pressed Ctrl-C.
    for (const drawn of active) drawn.output = line;
  };
  const flush = (): void => {
    for (const line of waiting) stream.write(`${line}\n`);
    waiting = [];
  };
  return {
    async tasks<T>(tasks: readonly Task<T>[], options?: { readonly concurrent?: boolean }): Promise<T[]> {
      drawing += 1;
      try {
        return await runList({ tasks, concurrent: options?.concurrent ?? false, stream, active, nested: drawing > 1 });
      } finally {
        drawing -= 1;
        if (drawing === 0) flush();
      }
    },
    note: say,
    warn: (message) => say(`${paint.warn("!")} ${message}`),
    line: say,
  };
}

/** The part of a listr2 task that we write to. */
interface Drawn {
  title: string;
  output: string;
}

interface ListOptions<T> {
  readonly tasks: readonly Task<T>[];
  readonly concurrent: boolean;
  readonly stream: NodeJS.WriteStream;
  /** Where running tasks can be found. */
  readonly active: Set<Drawn>;
  /** A list inside a running task is drawn by its parent's text alone: two renderers would fight over the cursor. */
  readonly nested: boolean;
}

/** listr2 asks whether *stdout* is a terminal, and would write there if not: `threads status >file` must redraw on stderr. */
class StderrRenderer extends DefaultRenderer {
  static override nonTTY = true;
}

async function runList<T>({ tasks, concurrent, stream, active, nested }: ListOptions<T>): Promise<T[]> {
  const values: T[] = [];
  const failures: unknown[] = [];
  const list = new Listr(
    tasks.map((task, index) => ({
      title: task.title,
      task: async (_: unknown, drawn: Drawn) => {
        active.add(drawn);
        try {
          values[index] = await task.run({
            update: (text) => (drawn.output = text),
            done: (title) => (drawn.title = title),
          });
        } catch (error) {
          failures.push(error);
          // An empty message keeps listr2 from printing what the command's own error report will say.
          throw new Error("", { cause: error });
        } finally {
          active.delete(drawn);
        }
      },
    })),
    {
      concurrent,
      exitOnError: !concurrent,
      registerSignalListeners: false,
      renderer: nested ? "silent" : StderrRenderer,
      rendererOptions: {
        showErrorMessage: false,
        collapseSubtasks: false,
        timer: { ...PRESET_TIMER, field: took, condition: (duration: number) => duration > 1_000 },
        logger: new ListrLogger({ processOutput: new ProcessOutput(stream, stream) }),
      },
    } as never,
  );
  await list.run().catch(() => undefined);
  if (failures.length > 0) throw failures[0];
  return values;
}
