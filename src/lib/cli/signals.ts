import type { Clock } from "../clock/clock.ts";
import { ThreadsError } from "../errors/threads-error.ts";

export interface Interrupts {
  /** Aborted by the first Ctrl-C, TERM or HUP: stop at the next safe point. */
  readonly signal: AbortSignal;
  /** Aborted by a second Ctrl-C and by nothing else: break off what is at work, cut the clean-up short. */
  readonly cancelNow: AbortSignal;
  /** Aborted by TERM or HUP, or when the patience after a Ctrl-C is over: what is at work elsewhere goes on without us. */
  readonly detach: AbortSignal;
  /** What was to be done is done, and only somebody is still told of it: the next signal calls this. */
  readonly leaveBy: (leave: () => void) => void;
  /** Stops listening. */
  readonly dispose: () => void;
}

export interface ListenOptions {
  readonly clock: Clock;
  /** Milliseconds from the first Ctrl-C to `detach`; undefined where a person sits there and decides. */
  readonly detachAfterMs: number | undefined;
}

const watched = ["SIGINT", "SIGTERM", "SIGHUP"] as const;
/** A terminal's Ctrl-C and the copy that bin/run.js passes on arrive together and are one wish. */
const oneWishMs = 200;

/** Ctrl-C asks first, then insists, and the third ends the process; TERM and HUP come from machines, which never insist. */
export function listenForInterrupts(process: NodeJS.Process, { clock, detachAfterMs }: ListenOptions): Interrupts {
  const first = new AbortController();
  const second = new AbortController();
  const detach = new AbortController();
  const disposed = new AbortController();
  let wishes = 0;
  let leave: (() => void) | undefined;
  let lastAt = Number.NEGATIVE_INFINITY;
  const pressed = (reason: ThreadsError): void => {
    if (clock.now() - lastAt < oneWishMs) return;
    lastAt = clock.now();
    leave?.();
    wishes += 1;
    if (wishes > 2) process.exit(reason.exitCode);
    if (wishes === 2) second.abort(reason);
    if (wishes === 1 && detachAfterMs !== undefined)
      clock.sleep(detachAfterMs, disposed.signal).then(
        () => detach.abort(reason),
        () => undefined,
      );
  };
  const heard = (name: NodeJS.Signals): void => {
    const reason = new ThreadsError("INTERRUPTED", { message: `interrupted by ${name}` });
    if (name === "SIGINT") pressed(reason);
    else {
      leave?.();
      detach.abort(reason);
    }
    first.abort(reason);
  };
  for (const name of watched) process.on(name, heard);
  return {
    signal: first.signal,
    cancelNow: second.signal,
    detach: detach.signal,
    leaveBy: (way) => {
      leave = way;
    },
    dispose: () => {
      disposed.abort();
      for (const name of watched) process.off(name, heard);
    },
  };
}
