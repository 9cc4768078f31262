import type { Measured } from "../../config/measured.ts";
import type { Seen } from "../../ledger/evidence.ts";
import type { Intent } from "../../ledger/ledger.ts";
import type { Stressed, StressMeasured } from "./result.ts";

type Shown = Pick<StressMeasured, "total" | "byRequest">;

/** What goes on record: a line for each request, and what all of them were like together. */
export function seenUnderLoad(
  { environment, rate, durationMs }: Pick<Stressed, "environment" | "rate" | "durationMs">,
  { total, byRequest }: Shown,
  { revision, images }: Intent,
): Seen {
  const checks = byRequest.map(({ path, p99Ms }) => ({ path, status: 0, ok: true, ms: Math.round(p99Ms ?? 0) }));
  return { kind: "stress", environment, revision, images, checks, load: { ...total, rate, durationMs } };
}

/** What takes more room than anything that is ever measured. */
export function widest(requests: Stressed["requests"]): Shown {
  const most = 10_000_000 - 0.01;
  const total: Measured = { requests: most, errors: most, p50Ms: most, p90Ms: most, p99Ms: most, maxMs: most };
  return { total, byRequest: requests.map(({ method, path }) => ({ method, path, ...total })) };
}
