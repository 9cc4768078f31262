import type { MemberOrder, Target } from "../../../src/lib/fleet/target.ts";
import type { MemberVerdict } from "../../../src/lib/fleet/verdict.ts";
import type { Intent } from "../../../src/lib/ledger/ledger.ts";
import { releaseOf } from "./world.ts";

const host = "ecs:shop/shop-prod";

export function orderOf(number: number, word: string, change: Partial<MemberOrder> = {}): MemberOrder {
  const intent: Intent = {
    schema: 1,
    number,
    kind: "deploy",
    ...releaseOf(word),
    hosts: [host],
    by: { user: "ada", host: "laptop" },
    startedAt: "2026-11-28T08:00:00.000Z",
    deadline: "2026-11-28T09:00:00.000Z",
    nonce: `nonce-${number}`,
  };
  const usual = { action: "deploy", migrate: undefined, limitMs: 300_000, stands: "old", asItWas: false } as const;
  return { intent, host, ...usual, ...change };
}

/** Carries one order out. @param said takes what it was at, in turn */
export function give(target: Target, order: MemberOrder, said: string[] = []): Promise<MemberVerdict> {
  return target.give([order])(order, { update: (text) => void said.push(text), done: () => undefined });
}
