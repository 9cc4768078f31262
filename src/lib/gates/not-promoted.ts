import type { Next } from "../errors/next.ts";
import { ThreadsError } from "../errors/threads-error.ts";

/** An environment with gates runs only what the ledger says was promoted to it. @param other what helps beside promoting it */
export function notPromoted(
  release: { readonly environment: string; readonly revision: string },
  message: string,
  other: Next = { next: [], advice: [] },
): ThreadsError {
  const promote = `threads promote ${release.revision} -e ${release.environment}`;
  return new ThreadsError("NOT_PROMOTED", { message, next: [promote, ...other.next], advice: other.advice });
}
