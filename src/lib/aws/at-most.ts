/** Lets at most `count` of the given runs be under way; the rest wait, and begin in the order in which they came. */
export function atMost(count: number): <T>(run: () => Promise<T>) => Promise<T> {
  const waiting: (() => void)[] = [];
  let free = count;
  return async (run) => {
    if (free > 0) free -= 1;
    else await new Promise<void>((go) => waiting.push(go));
    try {
      return await run();
    } finally {
      const next = waiting.shift();
      // The place goes on to the next one; it is never free in between.
      if (next === undefined) free += 1;
      else next();
    }
  };
}
