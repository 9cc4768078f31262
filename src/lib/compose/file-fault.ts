import { type ErrorFacts, ThreadsError } from "../errors/threads-error.ts";

/** A compose file that cannot be used as it is: compose does not read it, or it does not fit threads.yml. */
export function composeFileFault(
  message: string,
  advice: string,
  more: Pick<ErrorFacts, "details" | "cause"> = {},
): ThreadsError {
  return new ThreadsError("COMPOSE_FILE", { message, advice: [advice], ...more });
}
