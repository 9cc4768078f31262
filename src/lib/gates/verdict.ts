import type { Gate } from "./result.ts";

/** What a judge finds of one gate. */
export type GateVerdict = Pick<Gate, "state" | "says" | "next"> & Partial<Pick<Gate, "advice">>;

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

/** Something speaks against it. @param next what mends that, most likely first */
export function blocked(says: string, ...next: readonly string[]): GateVerdict {
  return { state: "blocked", says, next };
}
