/** Why a command ended, and the exit code and sentence that go with it: the help text is made from this map. */
export const outcomes = {
  done: { exit: 0, meaning: "done" },
  bug: { exit: 1, meaning: "a bug in threads" },
  usage: { exit: 2, meaning: "wrong usage or configuration" },
  refused: { exit: 3, meaning: "refused, nothing changed" },
  conflict: { exit: 4, meaning: "somebody else holds it, or it is there with other contents" },
  checks: { exit: 5, meaning: "checks failed, or failed and rolled back" },
  partial: { exit: 6, meaning: "partly done, needs a person" },
  unknown: { exit: 7, meaning: "outcome unknown, or stopped midway; the message names the command to go on with" },
  interrupted: { exit: 130, meaning: "interrupted" },
} as const satisfies Record<string, { exit: number; meaning: string }>;

export type Outcome = keyof typeof outcomes;
export type FailedOutcome = Exclude<Outcome, "done">;
