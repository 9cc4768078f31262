/** A release that is given a part of the requests, as its host has it on record. */
export interface WeighedRelease {
  /** Of the deployment that gave it that, its step, and so many of a hundred requests. */
  readonly number: number;
  readonly step: number;
  readonly weight: number;
  readonly revision: string;
  /** Digest of its bundle. */
  readonly bundle: string;
  /** For how long it has had as many, by the host's own clock. */
  readonly sinceMs: number;
  /** What both have answered since then; null where the edge does not tell, or was started anew. */
  readonly slots: SlotCounts | null;
}

/** Of the slot that serves by the host's record, and of the one beside it. */
export interface SlotCounts {
  readonly old: SlotCount;
  readonly new: SlotCount;
}

export interface SlotCount {
  /** So many of a hundred requests go there, by the edge's own word. */
  readonly weight: number;
  readonly requests: number;
  /** Those answered with 500 and above, or not at all. */
  readonly failed: number;
  /** How many answers took how long, at most: [milliseconds, answers], as far as the edge's memory reaches. */
  readonly times: readonly (readonly [number, number])[];
}

export interface Served {
  readonly requests: number;
  readonly failed: number;
  /** Of the slot before it, in its time; null where that was not counted. */
  readonly before: { readonly requests: number; readonly failed: number } | null;
}
