import type { SlotCount, WeighedRelease } from "../../src/lib/script/slot-counts.ts";

/** How a slot answers: this part of its requests fails, and each takes so long. */
export interface Answering {
  readonly failing: number;
  readonly ms: number;
}

/** The edge of a simulated host: who has which part of the requests, and what was counted since. */
export interface SimulatedWeights {
  /** The release that has a part, as the host has it on record; what the edge sends there may be less. */
  record: Omit<WeighedRelease, "sinceMs" | "slots"> | undefined;
  /** So many of a hundred go there. */
  sends: number;
  /** So many ask between two looks. */
  perLook: number;
  old: Answering;
  new: Answering;
  /** Whether the edge tells what it has counted. */
  tells: boolean;
  /** Times that it was looked at since the last step began. */
  looks: number;
}

export function simulatedWeights(): SimulatedWeights {
  const well = { failing: 0, ms: 8 };
  return { record: undefined, sends: 0, perLook: 4_000, old: well, new: well, tells: true, looks: 0 };
}

/** As ask-edge.sh tells it. */
export function tellWeights(weights: SimulatedWeights): WeighedRelease | null {
  const { record, sends, perLook, tells } = weights;
  if (record === undefined) return null;
  weights.looks += 1;
  const asked = weights.looks * perLook;
  const slot = (weight: number, { failing, ms }: Answering): SlotCount => {
    const requests = Math.floor((asked * weight) / 100);
    return { weight, requests, failed: Math.round(requests * failing), times: requests === 0 ? [] : [[ms, requests]] };
  };
  const slots = { old: slot(100 - sends, weights.old), new: slot(sends, weights.new) };
  return { ...record, sinceMs: weights.looks * 5_000, slots: tells ? slots : null };
}

/** The edge is told; what it had counted for the same step counts on, where it has not been started anew. */
export function weigh(weights: SimulatedWeights, record: NonNullable<SimulatedWeights["record"]>): void {
  const { bundle, step } = weights.record ?? {};
  if (bundle !== record.bundle || step !== record.step || weights.sends !== record.weight) weights.looks = 0;
  weights.record = record;
  weights.sends = record.weight;
}

/** All requests go to what serves. */
export function leaveWeights(weights: SimulatedWeights): void {
  weights.record = undefined;
  weights.sends = 0;
}
