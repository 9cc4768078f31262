import { patienceMs } from "../aws/patient-calls.ts";
import { settledWithinMs } from "../remote/send.ts";
import { lookMs } from "./observe.ts";

/** SSM kills a host script that outlives its own limit by this much. */
export const killAfterMs = 60_000;
/** What AWS may keep us waiting around an order: throttled calls, a lost reply that is looked for, output that comes late. */
const callsMs = patienceMs;

/** See Target.aftermathMs: of a host's script, a host that had to be asked included. */
export const aftermathMs = settledWithinMs(killAfterMs) + callsMs + settledWithinMs(lookMs) + callsMs;
