import type { Progress, Task } from "./progress.ts";

/** What a command tells while it is at work, one by one; tasks by numbers of their own, from 1 on. */
export type Told =
  | { readonly event: "begin"; readonly task: number; readonly title: string }
  | { readonly event: "update"; readonly task: number; readonly text: string }
  | { readonly event: "end"; readonly task: number; readonly title: string; readonly ok: boolean }
  | { readonly event: "note" | "detail" | "warn" | "line"; readonly text: string };

/** Whoever writes down what is told, whether it is shown or not. */
export interface Listener {
  readonly tell: (told: Told) => void;
  readonly keep: Progress["keep"];
}

/** The same progress, with somebody who listens. */
export function recorded(progress: Progress, { tell, keep }: Listener): Progress {
  let last = 0;
  const heard = <T>(task: Task<T>): Task<T> => ({
    title: task.title,
    run: async (step) => {
      last += 1;
      const number = last;
      let { title } = task;
      tell({ event: "begin", task: number, title });
      const end = (ok: boolean): void => tell({ event: "end", task: number, title, ok });
      try {
        const value = await task.run({
          update: (text) => {
            tell({ event: "update", task: number, text });
            step.update(text);
          },
          done: (text) => {
            title = text;
            step.done(text);
          },
        });
        end(true);
        return value;
      } catch (error) {
        end(false);
        throw error;
      }
    },
  });
  const also = (event: "note" | "detail" | "warn" | "line") => (text: string) => {
    tell({ event, text });
    progress[event](text);
  };
  return {
    tasks: (tasks, options) => progress.tasks(tasks.map(heard), options),
    note: also("note"),
    detail: also("detail"),
    warn: also("warn"),
    line: also("line"),
    keep,
  };
}
