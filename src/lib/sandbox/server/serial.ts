/** Runs the tasks of one key one after the other, in the order of the calls; tasks of different keys run side by side. */
export type Serial = <T>(key: string, task: () => Promise<T>) => Promise<T>;

/** A lock per key that needs no clean-up: a key is forgotten when its last task has ended. */
export function createSerial(): Serial {
  const tails = new Map<string, Promise<unknown>>();
  return (key, task) => {
    const before = tails.get(key) ?? Promise.resolve();
    const run = before.then(task, task);
    const tail = run.catch(() => {});
    tails.set(key, tail);
    void tail.finally(() => {
      if (tails.get(key) === tail) tails.delete(key);
    });
    return run;
  };
}
