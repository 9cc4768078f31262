import type { HostOutcome } from "../ledger/ledger.ts";
import { hostCodes } from "../script/host-codes.ts";
import type { Pause } from "../script/pause.ts";
import type { HostSummary, Timings } from "../script/summary.ts";

/** What became of an order on one member. */
export interface MemberVerdict {
  /** left: we went away while it was at work. paused: it waits for a person, who lets it go on or takes it back. */
  readonly end: "done" | "failed" | "superseded" | "cancelled" | "left" | "paused";
  /** What it serves now, by its own word: the new release, what it ran before, or nobody knows. */
  readonly state: HostOutcome["state"];
  /** Why it failed, as a host's script says it: a code of host-codes.ts; 0 where none says it. */
  readonly code: number;
  /** One sentence without its name; empty where all is well. */
  readonly says: string;
  /** What the script was at when it failed, where it says so. */
  readonly step?: string;
  /** Where it waits, if it does. */
  readonly pauses?: readonly Pause[];
  /** The end of the host's log. */
  readonly tail: readonly string[];
  /** What the host's edge has seen meanwhile. */
  readonly traffic?: HostOutcome["traffic"];
  /** What became of the tasks of workers that were told to end. */
  readonly tasks?: HostOutcome["tasks"];
  /** How long the script took; not there where it did not say. */
  readonly timings?: Timings;
  /** From what the environment of what it serves was made; undefined where that is a file of its own. */
  readonly environment?: HostSummary["environment"];
  /** Of what failed: from what its environment was made, and whether the host's own file is another one than what ran came up with. */
  readonly tried?: Pick<HostSummary, "environmentTried" | "environmentChanged">;
  /** What the host's words give away of the cause. */
  readonly advice?: readonly string[];
  /** What a person must know although it went well. */
  readonly warnings: readonly string[];
}

/** The verdict on a host that the order has not reached: it is as it was. */
export function unreached(state: HostOutcome["state"], says: string): MemberVerdict {
  return { end: "failed", state, code: hostCodes.notReady.exit, says, tail: [], warnings: [] };
}
