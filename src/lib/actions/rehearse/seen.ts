import type { Measured } from "../../config/measured.ts";
import type { Seen } from "../../ledger/evidence.ts";
import type { RehearsalPlan } from "./plan.ts";
import type { HeldLock } from "./result.ts";

interface Shown {
  readonly total: Measured;
  readonly locks: readonly HeldLock[] | null;
  readonly tookMs: number;
}

/** What goes on record: the load as a whole, the longest lock, and over which release it was. */
export function seenInRehearsal(
  { environment, from, to, rate, asked }: RehearsalPlan,
  { total, locks, tookMs }: Shown,
): Seen {
  const { revision, images } = to.release;
  const lockMs = locks === null ? null : Math.max(0, ...locks.map(({ heldMs }) => heldMs));
  return {
    kind: "rehearse",
    environment: environment.name,
    revision,
    images,
    checks: asked.requests.map(({ path, status }) => ({ path, status, ok: true, ms: 0 })),
    load: { ...total, rate, durationMs: tookMs },
    rehearsal: { over: from.digest, lockMs },
  };
}

/** What takes more room than anything that is ever measured. */
export function widest(): Shown {
  const most = 10_000_000 - 0.01;
  const total = { requests: most, errors: most, p50Ms: most, p90Ms: most, p99Ms: most, maxMs: most };
  return { total, locks: [{ table: "", mode: "", heldMs: most, waiting: 0 }], tookMs: most };
}
