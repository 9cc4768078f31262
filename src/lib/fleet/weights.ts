/** The steps in which a release gets its requests. */
export interface Weights {
  /** So many of a hundred, rising to 100, which is the switch. */
  readonly steps: readonly number[];
  /** The step that it begins with, from 1 on. */
  readonly from: number;
}

/** One of the steps. */
export interface Weight {
  /** From 1 on. */
  readonly step: number;
  /** So many of a hundred requests. */
  readonly weight: number;
}
