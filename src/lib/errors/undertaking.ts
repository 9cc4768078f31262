import type { Code } from "./codes.ts";
import type { FailedOutcome } from "./exit-codes.ts";
import { ThreadsError } from "./threads-error.ts";

/** How far a part has come. doubt: it was begun, and nobody has seen its end. */
export type PartState = "open" | "doubt" | "done";

/** Several writes that only mean something together, and that a second run can finish. */
export interface Undertaking {
  /** What is written, in words for a person, in order. */
  readonly parts: readonly string[];
  /** What it means that it stopped here, in a clause. */
  readonly verdict: (stateOf: (part: string) => PartState) => string;
  /** The command that finishes it, as it is typed. */
  readonly again: string;
}

/** Runs one part; from its beginning on something may have been written. */
export type WritePart = <T>(part: string, write: () => Promise<T>) => Promise<T>;

/** Failures by which a service says for certain that it has not written. */
const declined = new Set<Code>(["ACCESS_DENIED", "PUSH_DENIED", "REPOSITORY_NOT_FOUND", "KMS_KEY", "ECR_LIMIT"]);

/**
 * Runs an undertaking. Once something may have been written, "refused, nothing changed" would be a lie: such a failure becomes
 * `unknown`, with what was done, what is in doubt and what is open. So does an interruption, which keeps its name. A conflict
 * and a bug stay what they are.
 */
export async function undertake<T>(what: Undertaking, run: (write: WritePart) => Promise<T>): Promise<T> {
  const states = new Map<string, PartState>();
  const write: WritePart = async (part, work) => {
    states.set(part, "doubt");
    try {
      const value = await work();
      states.set(part, "done");
      return value;
    } catch (error) {
      if (error instanceof ThreadsError && declined.has(error.code)) states.delete(part);
      throw error;
    }
  };
  try {
    return await run(write);
  } catch (error) {
    if (states.size === 0 || !(error instanceof ThreadsError) || !toldAgain.has(error.outcome)) throw error;
    throw stopped(error, what, (part) => states.get(part) ?? "open");
  }
}

const toldAgain: ReadonlySet<FailedOutcome> = new Set<FailedOutcome>(["refused", "unknown", "interrupted"]);
const titles = { done: "done", doubt: "in doubt", open: "not done" } as const satisfies Record<PartState, string>;

function stopped(failure: ThreadsError, what: Undertaking, stateOf: (part: string) => PartState): ThreadsError {
  const { parts, verdict, again } = what;
  const told = (["done", "doubt", "open"] as const).flatMap((state) => {
    const those = parts.filter((part) => stateOf(part) === state);
    return those.length === 0 ? [] : [`${titles[state]}: ${those.join(", ")}`];
  });
  return failure.with({
    ...(failure.outcome === "interrupted" ? {} : { outcome: "unknown" }),
    message: `${failure.message}; ${verdict(stateOf)}`,
    details: [...told, ...failure.details],
    // The same command goes on where this one stopped; what the failure itself asks for may have to come first.
    next: [...new Set([again, ...failure.next])],
    cause: failure,
  });
}
