/** Places for work, a fixed number per key; who comes first is served first. */
export interface Workers {
  /** Resolves with the function that gives the place back. */
  take(key: string): Promise<() => void>;
}

/** @param limit places per key: the agent has 5 command workers per host by default. */
export function createWorkers(limit = 5): Workers {
  const busy = new Map<string, number>();
  const waiting = new Map<string, (() => void)[]>();
  const giveBack = (key: string) => {
    const next = waiting.get(key)?.shift();
    if (next !== undefined) next();
    else busy.set(key, (busy.get(key) ?? 1) - 1);
  };
  return {
    async take(key) {
      const taken = busy.get(key) ?? 0;
      if (taken < limit) {
        busy.set(key, taken + 1);
      } else {
        await new Promise<void>((resolve) => {
          waiting.set(key, [...(waiting.get(key) ?? []), resolve]);
        });
      }
      return () => giveBack(key);
    },
  };
}
