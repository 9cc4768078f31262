import type { Clock } from "../../clock/clock.ts";
import type { Config } from "../../config/config.ts";
import { environmentOf } from "../../config/environment.ts";
import { ThreadsError } from "../../errors/threads-error.ts";
import type { Author } from "../../ledger/author.ts";
import type { Freeze } from "../../ledger/freeze.ts";
import type { Ledger } from "../../ledger/ledger.ts";
import type { FreezeResult } from "./result.ts";

export interface FreezeOptions {
  readonly environment: string;
  readonly reason: string | undefined;
  readonly lift: boolean;
}

export interface FreezePorts {
  readonly config: Pick<Config, "environments">;
  readonly ledger: Pick<Ledger, "freeze" | "lift">;
  readonly author: Author;
  readonly clock: Pick<Clock, "now">;
}

/** Keeps an environment as it is, or lets it go. @throws ThreadsError ALREADY_FROZEN (conflict), NO_REASON, UNKNOWN_ENVIRONMENT (usage) */
export async function freeze(options: FreezeOptions, ports: FreezePorts): Promise<FreezeResult> {
  const type = (name: string): string => `threads freeze -e ${name} ${options.lift ? "--lift" : '--reason "…"'}`;
  const { name } = environmentOf(ports.config, options.environment, type);
  const at = new Date(ports.clock.now()).toISOString();
  if (options.lift) {
    const lifted = await ports.ledger.lift(name, ports.author, at);
    return {
      environment: name,
      outcome: lifted === undefined ? "not-frozen" : "lifted",
      frozen: false,
      freeze: lifted === undefined ? null : shown(lifted),
    };
  }
  const reason = requireReason(options.reason, type(name));
  const { outcome, freeze: on } = await ports.ledger.freeze(name, { reason, by: ports.author, at });
  return {
    environment: name,
    outcome: outcome === "created" ? "frozen" : "already-frozen",
    frozen: true,
    freeze: shown(on),
  };
}

function requireReason(reason: string | undefined, next: string): string {
  const text = reason?.trim() ?? "";
  if (text !== "") return text;
  throw new ThreadsError("usage", {
    code: "NO_REASON",
    message: "a freeze needs a reason: everybody who is stopped by it reads it",
    next: [next],
  });
}

function shown({ reason, by, since }: Freeze): NonNullable<FreezeResult["freeze"]> {
  return { reason, by, since };
}
