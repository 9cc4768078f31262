import type { Next } from "../../errors/next.ts";

export interface TestPlan {
  readonly service: string;
  /** Paths relative to the root. */
  readonly compose: readonly string[];
  /** Full sha, with `-dirty` where the working tree differs from it. */
  readonly revision: string;
  readonly dirty: boolean;
  readonly tree: string;
  /** Handed on to the suites. */
  readonly args: readonly string[];
}

/** Suites that passed, or would be run; those that did not pass are a ThreadsError. */
export type TestResult =
  | ({ readonly outcome: "planned" } & TestPlan & Next)
  | ({
      readonly outcome: "passed";
      readonly durations: { readonly buildMs: number; readonly suitesMs: number; readonly downMs: number };
      /** What could not be removed afterwards; empty as a rule. */
      readonly leftovers: readonly string[];
    } & TestPlan &
      Next);
