import type { EnvironmentConfig } from "../config/config.ts";
import type { Policy } from "../ledger/policy.ts";
import { type AskedGate, askedGates, asksText, isAsStrict } from "./asks.ts";
import { noGates, ownGates } from "./stricter.ts";

/** A gate as the pushed policy and as threads.yml ask for it. */
export interface ComparedGate {
  readonly gate: AskedGate;
  /** What the policy asks for; null where it does not. */
  readonly policy: string | null;
  /** What threads.yml asks for; null where it does not. */
  readonly file: string | null;
  /** Which of the two decides: neither where they ask for the same, both where each asks for something that the other does not. */
  readonly stricter: "neither" | "policy" | "file" | "both";
}

/** Every gate that one of the two asks for. @param environment as threads.yml has it */
export function compared(environment: EnvironmentConfig, policy: Policy | undefined): readonly ComparedGate[] {
  const own = ownGates(environment);
  const theirs = policy?.gates ?? noGates;
  return askedGates.flatMap((gate): ComparedGate[] => {
    const [pushed, file] = [asksText(gate, theirs), asksText(gate, own)];
    if (pushed === undefined && file === undefined) return [];
    const [isOwn, isTheirs] = [isAsStrict(gate, own, theirs), isAsStrict(gate, theirs, own)];
    const stricter = isOwn ? (isTheirs ? "neither" : "file") : isTheirs ? "policy" : "both";
    return [{ gate, policy: pushed ?? null, file: file ?? null, stricter }];
  });
}
