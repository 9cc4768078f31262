import { DefaultRenderer, Listr, ListrLogger, PRESET_TIMER, ProcessOutput } from "listr2";
import type { Clock } from "../clock/clock.ts";
import type { Progress, Task } from "../progress/progress.ts";
import { took } from "../text/words.ts";
import type { Paint } from "./paint.ts";
import { wrapped } from "./wrap.ts";

export interface LiveOptions {
  readonly stream: NodeJS.WriteStream;
  readonly paint: Paint;
  readonly clock: Clock;
}

/** Progress for a terminal: listr2 redraws the running list; everything else waits until it is finished. */
export function liveProgress({ stream, paint, clock }: LiveOptions): Progress {
  let drawing = 0;
  let waiting: string[] = [];
  const active = new Set<Drawn>();
  const write = (lines: readonly string[]): void => {
    for (const line of lines) stream.write(`${line}\n`);
  };
  const put = (text: string, lines: readonly string[]): void => {
    if (drawing === 0) return write(lines);
    waiting.push(...lines);
    // Shown at once under what is running, since the line itself has to wait: somebody may just have pressed Ctrl-C.
    for (const drawn of active) drawn.output = text;
  };
  /** What is ours is broken between words, and what others wrote is left to the terminal. */
  const tell = (text: string): void => put(text, wrapped(text, stream.columns || Infinity));
  const flush = (): void => {
    write(waiting);
    waiting = [];
  };
  return {
    async tasks<T>(tasks: readonly Task<T>[], options?: { readonly concurrent?: boolean }): Promise<T[]> {
      // Of an empty list the renderer would leave an empty line.
      if (tasks.length === 0) return [];
      drawing += 1;
      try {
        const concurrent = options?.concurrent ?? false;
        return await runList({ tasks, concurrent, stream, paint, clock, active, nested: drawing > 1 });
      } finally {
        drawing -= 1;
        if (drawing === 0) flush();
      }
    },
    note: tell,
    detail: (message) => tell(paint.dim(message)),
    warn: (message) => tell(`${paint.warn("!")} ${message}`),
    line: (line) => put(line, [line]),
    keep: () => undefined,
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
  readonly paint: Paint;
  readonly clock: Clock;
  /** Where running tasks can be found. */
  readonly active: Set<Drawn>;
  /** A list inside a running task is drawn by its parent's text alone: two renderers would fight over the cursor. */
  readonly nested: boolean;
}

/** listr2 asks whether *stdout* is a terminal, and would write there if not: `threads status >file` must redraw on stderr. */
class StderrRenderer extends DefaultRenderer {
  static override nonTTY = true;
}

/** A title with the seconds that its task has run: whoever watches it sees that it goes on. The end has the whole time anyway. */
function countingTitle(
  drawn: Drawn,
  first: string,
  { paint, clock }: Pick<LiveOptions, "paint" | "clock">,
): { readonly set: (title: string) => void; readonly stop: () => void } {
  const over = new AbortController();
  const startedAt = clock.now();
  let title = first;
  const count = async (): Promise<void> => {
    for (;;) {
      await clock.sleep(1_000, over.signal);
      const seconds = Math.floor((clock.now() - startedAt) / 1_000);
      drawn.title = `${title} ${paint.dim(took(seconds * 1_000).replace(".0 s", " s"))}`;
    }
  };
  void count().catch(() => undefined);
  return {
    set: (text) => (drawn.title = title = text),
    stop: () => {
      over.abort();
      drawn.title = title;
    },
  };
}

async function runList<T>({ tasks, concurrent, stream, paint, clock, active, nested }: ListOptions<T>): Promise<T[]> {
  const values: T[] = [];
  const failures: unknown[] = [];
  const list = new Listr(
    tasks.map((task, index) => ({
      title: task.title,
      task: async (_: unknown, drawn: Drawn) => {
        active.add(drawn);
        const shown = countingTitle(drawn, task.title, { paint, clock });
        try {
          values[index] = await task.run({ update: (text) => (drawn.output = text), done: shown.set });
        } catch (error) {
          failures.push(error);
          // An empty message keeps listr2 from printing what the command's own error report will say.
          throw new Error("", { cause: error });
        } finally {
          active.delete(drawn);
          shown.stop();
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
