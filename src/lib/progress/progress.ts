/** Where an action tells what it is doing. The room `output` draws it; actions never print. */
export interface Progress {
  /** Runs the tasks in order, or all at once; rejects with the first failure after all have settled. */
  tasks<T>(tasks: readonly Task<T>[], options?: { readonly concurrent?: boolean }): Promise<T[]>;
  /** One fact for the reader, on a line of its own. */
  note(message: string): void;
  /** A fact for whoever wants to know how it was come to: told with --verbose only. */
  detail(message: string): void;
  /** Something that a person should look at, though the command goes on. */
  warn(message: string): void;
  /** A line of a program's own output, passed on untouched. */
  line(text: string): void;
  /** The whole log of a container or of a host, for the record of the run: it is not shown. */
  keep(name: string, lines: readonly string[]): void;
}

export interface Task<T> {
  /** Says what is being done: "Push web". */
  readonly title: string;
  run(step: Step): Promise<T>;
}

export interface Step {
  /** What the task is at now; replaces the previous text. Off a terminal it is printed when it changes, throttled. */
  update(text: string): void;
  /** The title that stays once the task is done: "Pushed web sha256:12…". */
  done(title: string): void;
}

/** Runs one task; sugar over `tasks`. */
export async function step<T>(progress: Progress, title: string, run: (step: Step) => Promise<T>): Promise<T> {
  const [value] = await progress.tasks([{ title, run }]);
  return value as T;
}

/** Settles every task, in order or all at once, then rejects with the first failure: what each Progress runs on. */
export async function settle<T>(runs: readonly (() => Promise<T>)[], concurrent: boolean): Promise<T[]> {
  if (!concurrent) {
    const values: T[] = [];
    for (const run of runs) values.push(await run());
    return values;
  }
  const results = await Promise.allSettled(runs.map((run) => run()));
  const failed = results.find((result) => result.status === "rejected");
  if (failed) throw failed.reason;
  return results.map((result) => (result as PromiseFulfilledResult<T>).value);
}

/** Says nothing: for `--json`, and for tests that look at results only. */
export const silentProgress: Progress = {
  tasks: (tasks, options) =>
    settle(
      tasks.map((task) => () => task.run({ update: () => undefined, done: () => undefined })),
      options?.concurrent ?? false,
    ),
  note: () => undefined,
  detail: () => undefined,
  warn: () => undefined,
  line: () => undefined,
  keep: () => undefined,
};
