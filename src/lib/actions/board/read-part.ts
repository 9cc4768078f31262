import { ThreadsError } from "../../errors/threads-error.ts";
import { CommandFailed } from "../../process/processes.ts";
import type { BoardPorts } from "./ports.ts";
import type { Unread } from "./result.ts";

/** A part of the board, with what it is about. */
export interface ReadPart<T> {
  readonly value: T | null;
  readonly readAt: string | null;
  readonly unread: Unread | null;
}

/**
 * Reads one part. Where that fails, what was last read of it stays, with its time, and why nothing newer is known.
 * @throws what is no failure of the outside, and the signal's reason
 */
export async function readPart<T>(
  before: ReadPart<T> | undefined,
  read: () => Promise<T>,
  { clock, signal }: Pick<BoardPorts, "clock" | "signal">,
): Promise<ReadPart<T>> {
  try {
    return { value: await read(), readAt: new Date(clock.now()).toISOString(), unread: null };
  } catch (error) {
    if (signal.aborted) throw error;
    return { value: before?.value ?? null, readAt: before?.readAt ?? null, unread: whyUnread(error) };
  }
}

/** @throws an error that was not meant to be said to a person */
export function whyUnread(error: unknown): Unread {
  if (error instanceof ThreadsError) {
    const { code, message, next, advice } = error;
    return { code, message, next, advice };
  }
  if (error instanceof CommandFailed)
    return { code: "COMMAND_FAILED", message: error.message, next: ["threads doctor"], advice: [] };
  throw error;
}
