import type { Second } from "../../load/load.ts";
import type { Timings } from "../../script/summary.ts";
import type { RehearsalPhase } from "./result.ts";

/** From then on something else was going on. */
export interface Mark {
  readonly part: RehearsalPhase["part"];
  /** Of the hosts' script; empty where none is at work. */
  readonly step: string;
  /** Milliseconds since the epoch. */
  readonly at: number;
}

interface Seen {
  /** In any order; the load began with the first. */
  readonly marks: readonly Mark[];
  readonly endedAt: number;
  /** Requests by when they were due, from `startedAt` on. */
  readonly slices: readonly Second[];
  readonly startedAt: number;
  readonly everyMs: number;
  /** How long the steps of the last real deployment took. */
  readonly last: Timings;
}

/**
 * What was going on when, and what became of the requests that were due then. Of hosts that are at work at once what the last of
 * them has begun is what is going on; a step that is entered again goes on.
 */
export function phasesOf({ marks, endedAt, slices, startedAt, everyMs, last }: Seen): readonly RehearsalPhase[] {
  const inOrder = marks.toSorted((one, other) => one.at - other.at);
  const phases = new Map<string, RehearsalPhase>();
  const keyOf = ({ part, step }: Mark): string => `${part} ${step}`;
  for (const [index, mark] of inOrder.entries()) {
    const before = phases.get(keyOf(mark)) ?? emptyPhase(mark, last);
    const tookMs = before.tookMs + (inOrder[index + 1]?.at ?? endedAt) - mark.at;
    phases.set(keyOf(mark), { ...before, tookMs });
  }
  for (const [index, slice] of slices.entries()) {
    // By its middle: what came at its edge belongs there as well as anywhere.
    const at = startedAt + (index + 0.5) * everyMs;
    const mark = inOrder.findLast((one) => one.at <= at) ?? inOrder[0];
    const phase = mark === undefined ? undefined : phases.get(keyOf(mark));
    if (mark !== undefined && phase !== undefined) phases.set(keyOf(mark), withRequests(phase, slice));
  }
  return [...phases.values()];
}

function emptyPhase({ part, step }: Mark, last: Timings): RehearsalPhase {
  const lastMs = part === "deploy" ? (last[step] ?? null) : null;
  return { part, step, tookMs: 0, lastMs, requests: 0, errors: 0, maxMs: null };
}

function withRequests(phase: RehearsalPhase, { requests, errors, maxMs }: Second): RehearsalPhase {
  return {
    ...phase,
    requests: phase.requests + requests,
    errors: phase.errors + errors,
    maxMs: maxMs === null ? phase.maxMs : Math.max(phase.maxMs ?? 0, maxMs),
  };
}
