import type { Next } from "../../errors/next.ts";

export interface TestPlan {
  readonly service: string;
  /** Paths relative to the root. */
  readonly compose: readonly string[];
  /** Full sha, with `-dirty` where the working tree differs from it. */
  readonly revision: string;
  readonly dirty: boolean;
  /** Handed on to the suites. */
  readonly args: readonly string[];
}

/** Suites that passed; those that did not are a ThreadsError. */
export interface TestResult extends TestPlan, Next {
  readonly outcome: "passed";
  readonly tree: string;
  readonly durations: { readonly buildMs: number; readonly suitesMs: number; readonly downMs: number };
  /** What could not be removed afterwards; empty as a rule. */
  readonly leftovers: readonly string[];
}
