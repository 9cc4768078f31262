import { ThreadsError } from "../errors/threads-error.ts";

/** An environment with gates runs only what the ledger says was promoted to it. @param next what helps beside promoting it */
export function notPromoted(
  release: { readonly environment: string; readonly revision: string },
  message: string,
  next: readonly string[] = [],
): ThreadsError {
  const promote = `threads promote ${release.revision} -e ${release.environment}`;
  return new ThreadsError("NOT_PROMOTED", { message, next: [promote, ...next] });
}
