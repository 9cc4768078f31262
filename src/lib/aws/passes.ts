import { ThreadsError } from "../errors/threads-error.ts";

/** What says nothing of who asks: AWS itself was not well, or has lost what was there a moment ago. */
export function passes(error: unknown): error is ThreadsError {
  return error instanceof ThreadsError && ["AWS_UNREACHABLE", "AWS_FAILURE", "THROTTLED"].includes(error.code);
}
