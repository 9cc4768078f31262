/** How a person goes on from a result or a failure. */
export interface Next {
  /** Commands that can be pasted as they stand, most likely first. */
  readonly next: readonly string[];
  /** What no command does, a sentence each. */
  readonly advice: readonly string[];
}
