import type { Limit } from "./budget.ts";

/** What a server did under load. Times in milliseconds; null where nothing was answered. */
export interface Measured {
  /** Those that were answered, and those that nobody answered. */
  readonly requests: number;
  readonly errors: number;
  readonly p50Ms: number | null;
  readonly p90Ms: number | null;
  readonly p99Ms: number | null;
  readonly maxMs: number | null;
}

/** `p99 of 312 ms is more than 200 ms`; undefined where the limit is kept. What was not measured keeps no limit. */
export function overrun({ of, most, unit }: Limit, measured: Measured): string | undefined {
  const { requests, errors } = measured;
  if (of !== "errors") {
    const ms = measured[`${of}Ms`];
    if (ms === null) return `${of} is not known: nothing was answered`;
    return ms > most ? `${of} of ${ms} ms is more than ${most} ms` : undefined;
  }
  if (requests === 0) return "errors are not known: nothing was asked";
  const share = (errors * 100) / requests;
  if (unit === "percent") return share > most ? `${rounded(share)}% of errors is more than ${most}%` : undefined;
  return errors > most ? `${errors} ${errors === 1 ? "error is" : "errors are"} more than ${most}` : undefined;
}

/** Never rounded down to a limit that was overrun. */
function rounded(share: number): number {
  return Math.ceil(share * 1000) / 1000;
}
