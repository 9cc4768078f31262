import type { Digest } from "../image/digest.ts";
import type { GateName } from "./names.ts";

/**
 * passed. missing: what it waits for has not happened yet. blocked: something speaks against it.
 * overridden: it did not pass, and somebody has opened it with a reason. not-configured: threads.yml does not ask for it.
 */
export type GateState = "passed" | "missing" | "blocked" | "overridden" | "not-configured";

export interface Gate {
  readonly gate: GateName;
  readonly state: GateState;
  /** One sentence with the facts. */
  readonly says: string;
  /** How to satisfy it, most likely first; empty where it passed or does not apply. */
  readonly next: readonly string[];
  /** Why somebody opened it; null unless overridden. */
  readonly reason: string | null;
}

/** What `threads gates` found. */
export interface GatesResult {
  readonly environment: string;
  readonly revision: string;
  /** Null where the release is not published. */
  readonly bundle: Digest | null;
  /** How the release was found, in a sentence. */
  readonly says: string;
  readonly gates: readonly Gate[];
  /** Every gate has passed or is not asked for: the exit code. */
  readonly passed: boolean;
  /** Nothing stands in the way that `threads promote` would not do itself (the smoke test). */
  readonly promotable: boolean;
}
