import type { Target } from "./target.ts";

/** An order is not given with less time than this. */
export const leastMs = 30_000;

/**
 * How long after its beginning a rollout may still be at work: a last member whose time ends with the deployment's, then
 * all of them brought back at once.
 * @param deployTimeoutMs what the configuration gives one deployment. @returns milliseconds
 */
export function rolloutMs(deployTimeoutMs: number, { aftermathMs }: Pick<Target, "aftermathMs">): number {
  return deployTimeoutMs + aftermathMs + restoreMs(deployTimeoutMs) + aftermathMs;
}

/** A restore gets as much time as a whole deployment, in milliseconds: going back matters more than being quick. */
export function restoreMs(deployTimeoutMs: number): number {
  return deployTimeoutMs;
}
