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

const times = { p50: "p50Ms", p90: "p90Ms", p99: "p99Ms", max: "maxMs" } as const;

/** What must not be more than so much: a time in milliseconds, or errors as a number or in a hundred requests. */
export interface Limit {
  readonly of: keyof typeof times | "errors";
  readonly most: number;
  readonly unit: "ms" | "requests" | "percent";
}

/** Limits of which all must be kept; each of something else. */
export type Budget = readonly Limit[];

/** What a budget looks like. */
export const budgetForm = 'limits such as "p99=200ms,errors=0": p50, p90, p99, max in ms or s, errors as 5 or 0.1%';

/** @param written `p99=200ms,errors=0`. @returns undefined where it is no budget */
export function parseBudget(written: string): Budget | undefined {
  const limits = written.split(",").map((part) => parseLimit(part.trim()));
  const known = limits.filter((limit) => limit !== undefined);
  const isClear = new Set(known.map((limit) => limit.of)).size === limits.length;
  return known.length === limits.length && isClear ? known : undefined;
}

function parseLimit(part: string): Limit | undefined {
  const [, name = "", digits = "", unit = ""] = /^([a-z]+\d*)=(\d{1,9}(?:\.\d{1,3})?)(ms|s|%|)$/.exec(part) ?? [];
  const most = Number(digits);
  if (name === "errors" && unit === "" && Number.isInteger(most)) return { of: name, most, unit: "requests" };
  if (name === "errors" && unit === "%" && most <= 100) return { of: name, most, unit: "percent" };
  if (!Object.hasOwn(times, name) || most === 0 || (unit !== "ms" && unit !== "s")) return undefined;
  // 0.3 s are 300 ms, whatever floating point makes of them.
  return { of: name as keyof typeof times, most: unit === "s" ? Math.round(most * 1e6) / 1e3 : most, unit: "ms" };
}

/** As it is written. */
export function budgetText(budget: Budget): string {
  return budget.map(({ of, most, unit }) => `${of}=${most}${{ ms: "ms", percent: "%", requests: "" }[unit]}`).join(",");
}

/** `p99 of 312 ms is more than 200 ms`; undefined where the limit is kept. What was not measured keeps no limit. */
export function overrun({ of, most, unit }: Limit, measured: Measured): string | undefined {
  const { requests, errors } = measured;
  if (of !== "errors") {
    const ms = measured[times[of]];
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
