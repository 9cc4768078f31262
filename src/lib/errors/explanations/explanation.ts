/** What `threads explain` tells of a code. */
export interface Explanation {
  /** What is the case, one sentence. */
  readonly meaning: string;
  /** What was changed and what was not, where it is more than its exit code says. */
  readonly changed?: string;
  /** What to do, most likely first; commands stand between backticks. */
  readonly advice: readonly string[];
}
