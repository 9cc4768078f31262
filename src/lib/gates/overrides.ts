import { suggest } from "../config/suggest.ts";
import type { SettledCode } from "../errors/codes.ts";
import type { Next } from "../errors/next.ts";
import { ThreadsError } from "../errors/threads-error.ts";
import type { Overrides } from "./judge.ts";
import { type GateName, overridable } from "./names.ts";

/** A sentence must fit into the record beside the gates. */
const longestReason = 400;

/**
 * The gates that a person wants to open, and why. @param type the command as it is typed with one gate for another. @throws ThreadsError usage: OVERRIDE_IMPOSSIBLE, UNKNOWN_GATE, NO_REASON, REASON_TOO_LONG
 */
export function parseOverrides(
  names: readonly string[],
  reason: string | undefined,
  type?: (wrong: string, gate: string) => string,
): Overrides {
  const words = reason?.trim() ?? "";
  const gates = names.map((name) => requireOverridable(name, type));
  if (names.length > 0 && words === "")
    throw usage("NO_REASON", "an override needs a reason: it is kept with the promotion", {
      next: ["threads promote --help"],
      advice: [`add --reason "why ${list(gates)} may be skipped this once"`],
    });
  if (words.length > longestReason)
    throw usage("REASON_TOO_LONG", `the reason is longer than ${longestReason} characters`, {
      advice: ["say it shorter"],
    });
  return new Map(gates.map((gate) => [gate, words]));
}

function requireOverridable(name: string, type?: (wrong: string, gate: string) => string): GateName {
  const found = overridable.find((gate) => gate === name);
  if (found !== undefined) return found;
  if (name === "published")
    throw usage("OVERRIDE_IMPOSSIBLE", "published cannot be overridden: there would be nothing to promote", {
      next: ["threads publish"],
    });
  const meant = suggest(name, overridable);
  const hint = meant === undefined ? "" : `; did you mean ${meant}?`;
  const corrected = meant === undefined ? undefined : type?.(name, meant);
  throw usage("UNKNOWN_GATE", `there is no gate ${JSON.stringify(name)}, only ${list(overridable)}${hint}`, {
    next: [...(corrected === undefined ? [] : [corrected]), "threads promote --help"],
  });
}

function list(names: readonly string[]): string {
  return names.join(", ");
}

function usage(code: SettledCode, message: string, way: Partial<Next>): ThreadsError {
  return new ThreadsError(code, { message, ...way });
}
