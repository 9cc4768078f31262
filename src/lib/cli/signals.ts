import { ThreadsError } from "../errors/threads-error.ts";

export interface Interrupts {
  /** Aborted by the first Ctrl-C or TERM. */
  readonly signal: AbortSignal;
  /** Aborted by the second. */
  readonly hurry: AbortSignal;
  /** Stops listening. */
  readonly dispose: () => void;
}

const watched = ["SIGINT", "SIGTERM", "SIGHUP"] as const;
/** A terminal's Ctrl-C and the copy that bin/run.js passes on arrive together and are one wish. */
const oneWishMs = 200;

/** First signal: stop at the next safe point. Second: shorten the clean-up. Third: leave at once. */
export function listenForInterrupts(process: NodeJS.Process, now: () => number): Interrupts {
  const first = new AbortController();
  const second = new AbortController();
  let lastAt = Number.NEGATIVE_INFINITY;
  const heard = (name: NodeJS.Signals): void => {
    if (now() - lastAt < oneWishMs) return;
    lastAt = now();
    const reason = new ThreadsError("interrupted", { code: "INTERRUPTED", message: `interrupted by ${name}` });
    if (!first.signal.aborted) first.abort(reason);
    else if (!second.signal.aborted) second.abort(reason);
    else process.exit(130);
  };
  for (const name of watched) process.on(name, heard);
  return {
    signal: first.signal,
    hurry: second.signal,
    dispose: () => {
      for (const name of watched) process.off(name, heard);
    },
  };
}
