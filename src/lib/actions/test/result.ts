import type { Next } from "../../errors/next.ts";

/** What was asked of git before suites were run. */
export interface Since {
  /** As it was typed. */
  readonly name: string;
  /** Full sha of the commit where the checked-out one and that parted; null where that could not be told. */
  readonly from: string | null;
  /** Of all that the suites are made from, by paths from the top of the repository; null where that could not be told. */
  readonly changed: readonly string[] | null;
}

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
  /** Absolute path of the folder that gets the suites' reports; null where they stay in their container. */
  readonly reports: string | null;
  /** Null where --changed-since was not given. */
  readonly since: Since | null;
}

/** Suites that passed, or would be run, or need not; those that did not pass are a ThreadsError. */
export type TestResult =
  | ({ readonly outcome: "planned" } & TestPlan & Next)
  /** Nothing that they are made from has changed: they were not run. */
  | ({ readonly outcome: "unchanged" } & TestPlan & Next)
  | ({
      readonly outcome: "passed";
      /** As the suites' reports in JUnit's format have it; null where they leave none. */
      readonly tests: { readonly run: number; readonly skipped: number } | null;
      readonly durations: { readonly buildMs: number; readonly suitesMs: number; readonly downMs: number };
      /** What could not be removed afterwards; empty as a rule. */
      readonly leftovers: readonly string[];
    } & TestPlan &
      Next);
