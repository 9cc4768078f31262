import { utc } from "../text/words.ts";
import type { Gate } from "./result.ts";

/** What a judge finds of one gate. */
export type GateVerdict = Pick<Gate, "state" | "says" | "next"> & Partial<Pick<Gate, "advice" | "opensBy" | "opensAt">>;

export const notConfigured: GateVerdict = {
  state: "not-configured",
  says: "threads.yml does not ask for it",
  next: [],
};

export function passed(says: string): GateVerdict {
  return { state: "passed", says, next: [] };
}

/** What it waits for has not happened yet. @param next what makes it happen, most likely first */
export function missing(says: string, ...next: readonly string[]): GateVerdict {
  return { state: "missing", says, next };
}

/**
 * It has not happened yet, and whoever wants the release there has nothing to do but wait.
 * @param opens who or what will do it; and when, in milliseconds since the epoch, where that is known
 */
export function waiting(
  says: string,
  opens: { readonly by: string; readonly at?: number },
  ...next: readonly string[]
): GateVerdict {
  const at = opens.at === undefined ? {} : { opensAt: utc(opens.at) };
  return { ...missing(says, ...next), opensBy: opens.by, ...at };
}

/** It did not pass, and keeps nothing out yet. @param next what mends that, most likely first */
export function warned(says: string, ...next: readonly string[]): GateVerdict {
  return { state: "warned", says, next };
}

/** Something speaks against it. @param next what mends that, most likely first */
export function blocked(says: string, ...next: readonly string[]): GateVerdict {
  return { state: "blocked", says, next };
}
