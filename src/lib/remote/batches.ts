/** So many ids SendCommand takes, and a page of SSM's lists has (API reference). */
export const mostHosts = 50;

/** The same in the same order, as many at a time as SSM takes. */
export function batches<T>(all: readonly T[]): readonly (readonly T[])[] {
  return batchesOf(mostHosts, all);
}

/** The same in the same order, at most so many at a time. */
export function batchesOf<T>(most: number, all: readonly T[]): readonly (readonly T[])[] {
  return Array.from({ length: Math.ceil(all.length / most) }, (_, n) => all.slice(n * most, (n + 1) * most));
}
