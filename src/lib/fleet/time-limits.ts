import { patienceMs } from "../aws/patient-calls.ts";
import { settledWithinMs } from "../remote/send.ts";
import { lookMs } from "./observe.ts";

/** SSM kills a host script that outlives its own limit by this much. */
export const killAfterMs = 60_000;
/** An order is not given with less time than this for the script. */
export const leastMs = 30_000;
/** What AWS may keep us waiting around an order: throttled calls, a lost reply that is looked for, output that comes late. */
const callsMs = patienceMs;

/** From the end of a host script's own limit until its end is known in every case, a host that had to be asked included. */
export const aftermathMs = settledWithinMs(killAfterMs) + callsMs + settledWithinMs(lookMs) + callsMs;

/**
 * How long after its beginning a rollout may still be at work: a last host whose time ends with the deployment's, then
 * all hosts brought back at once.
 * @param deployTimeoutMs what the configuration gives one deployment. @returns milliseconds
 */
export function rolloutMs(deployTimeoutMs: number): number {
  return deployTimeoutMs + aftermathMs + restoreMs(deployTimeoutMs) + aftermathMs;
}

/** A restore gets as much time as a whole deployment, in milliseconds: going back matters more than being quick. */
export function restoreMs(deployTimeoutMs: number): number {
  return deployTimeoutMs;
}
