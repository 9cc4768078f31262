const times = ["p50", "p90", "p99", "max"] as const;

/** What must not be more than so much: a time in milliseconds, or errors as a number or in a hundred requests. */
export interface Limit {
  readonly of: (typeof times)[number] | "errors";
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
  const of = times.find((time) => time === name);
  if (of === undefined || most === 0 || (unit !== "ms" && unit !== "s")) return undefined;
  // 0.3 s are 300 ms, whatever floating point makes of them.
  return { of, most: unit === "s" ? Math.round(most * 1e6) / 1e3 : most, unit: "ms" };
}

/** As it is written. */
export function budgetText(budget: Budget): string {
  return budget.map(({ of, most, unit }) => `${of}=${most}${{ ms: "ms", percent: "%", requests: "" }[unit]}`).join(",");
}
