import type { Next } from "../errors/next.ts";
import type { ShownAuthor } from "./author.ts";
import type { ShownResult } from "./standing.ts";

/** Everything that was decided about an environment, newest first. */
export interface TimelineResult extends Next {
  readonly outcome: "listed" | "empty";
  readonly environment: string;
  readonly events: readonly PastEvent[];
  /** ISO 8601, by the server's clock. */
  readonly observedAt: string;
}

export interface PastEvent {
  readonly happenedAt: string;
  readonly event:
    | "deploy"
    | "rollback"
    | "promotion"
    | "override"
    | "approval"
    | "rejection"
    | "withdrawal"
    | "freeze"
    | "lift"
    | "exec";
  /** Of a deployment. */
  readonly number: number | null;
  readonly revision: string | null;
  readonly result: ShownResult | null;
  /** The gate that was overridden. */
  readonly gate: string | null;
  /** Of a command that was run: name of the host, service, the program and its arguments. */
  readonly host: string | null;
  readonly service: string | null;
  readonly command: readonly string[] | null;
  readonly reason: string | null;
  /** Whom AWS took them for: `user/ada`; null where the record does not say. */
  readonly principal: string | null;
  /** What they, or CI, said of themselves. */
  readonly by: ShownAuthor;
}
