import type { Next } from "../../errors/next.ts";
import type { AskedGate } from "../../gates/asks.ts";
import type { ComparedGate } from "../../gates/compared.ts";
import type { ShownAuthor } from "../../ledger/author.ts";

/** What `threads policy show` found. */
export interface PolicyShowResult extends Next {
  /** none: no policy is pushed, and threads.yml alone decides. */
  readonly outcome: "shown" | "none";
  readonly environment: string;
  /** The policy that stands; null where there is none. */
  readonly policy: ShownPolicy | null;
  /** Every gate that one of the two asks for, as it is asked for. */
  readonly gates: readonly ComparedGate[];
}

/** A policy that stands. */
export interface ShownPolicy {
  /** Who has written it, by the word of Parameter Store, as approvals name people; null for whom AWS gives no name. */
  readonly principal: string | null;
  /** What they said of themselves. */
  readonly by: ShownAuthor;
  /** ISO 8601, by the server's clock. */
  readonly pushedAt: string;
  /** By which Parameter Store tells it from earlier ones; null where it does not say. */
  readonly number: number | null;
  /** Why it asked for less than the one before it; null where it did not. */
  readonly reason: string | null;
}

/** What `threads policy push` did, or with --dry-run would do. */
export interface PolicyPushResult extends Next {
  /** unchanged: what stands asks for the very same. */
  readonly outcome: "pushed" | "unchanged" | "planned";
  readonly environment: string;
  /** Gates of which it asks for something else than what stood before. */
  readonly changes: readonly PolicyChange[];
  /** Who has pushed it, by the word of AWS; null for whom it gives no name. */
  readonly principal: string | null;
  /** Why it asks for less; null where it does not, and nobody has said. */
  readonly reason: string | null;
  /** By which Parameter Store tells it from earlier ones; null for a plan, and where it does not say. */
  readonly number: number | null;
}

export interface PolicyChange {
  readonly gate: AskedGate;
  /** What was asked for; null where nothing was, or nobody can read it. */
  readonly before: string | null;
  /** What is asked for now; null where nothing is. */
  readonly after: string | null;
  /** looser: something that was asked for is so no more. */
  readonly is: "stricter" | "looser";
}
