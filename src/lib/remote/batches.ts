import { inParts } from "../aws/in-parts.ts";

/** So many ids SendCommand takes, and a page of SSM's lists has (API reference). */
export const mostHosts = 50;

/** The same in the same order, as many at a time as SSM takes. */
export function batches<T>(all: readonly T[]): readonly (readonly T[])[] {
  return inParts(all, mostHosts);
}
