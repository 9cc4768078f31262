import type { Next } from "../errors/next.ts";
import type { Digest } from "../image/digest.ts";
import type { GateName } from "./names.ts";

/**
 * passed. missing: what it waits for has not happened yet. blocked: something speaks against it.
 * warned: it did not pass, and is not insisted on until it has passed once in the environment.
 * overridden: it did not pass, and somebody has opened it with a reason. not-configured: threads.yml does not ask for it.
 */
export type GateState = "passed" | "missing" | "blocked" | "warned" | "overridden" | "not-configured";

/** `next` and `advice` are how to satisfy it; empty where it passed or does not apply. */
export interface Gate extends Next {
  readonly gate: GateName;
  readonly state: GateState;
  /** One sentence with the facts. */
  readonly says: string;
  /** Who or what opens it without another word to threads from here: `any 2 of user/ada, user/bob`; null where nobody will, or need not. */
  readonly opensBy: string | null;
  /** When it opens by itself, ISO 8601, by the server's clock; null where nobody knows. */
  readonly opensAt: string | null;
  /** What the pushed policy asks of it beyond threads.yml, and who pushed that; null where it asks for nothing more. */
  readonly policy: string | null;
  /** Why somebody opened it; null unless overridden. */
  readonly reason: string | null;
}

/** What `threads gates` found. */
export interface GatesResult extends Next {
  /** open: every gate has passed or is not asked for. smoke-missing: all but the smoke test, which `threads promote` does itself. */
  readonly outcome: "open" | "smoke-missing" | "shut";
  readonly environment: string;
  readonly revision: string;
  /** Null where the release is not published. */
  readonly bundle: Digest | null;
  /** How the release was found, in a sentence. */
  readonly says: string;
  readonly gates: readonly Gate[];
}
