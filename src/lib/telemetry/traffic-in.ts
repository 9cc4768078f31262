import type { ToldTraffic } from "./told-run.ts";

/** What is looked for in a result, which other commands have none of. */
interface Counted {
  readonly hosts?: readonly { readonly traffic?: ToldTraffic | null }[];
}

/** What edges have counted, by the result of a deployment; null where it tells of none. */
export function trafficIn(result: unknown): ToldTraffic | null {
  const { hosts } = (result ?? {}) as Counted;
  const all = Array.isArray(hosts)
    ? (hosts as NonNullable<Counted["hosts"]>).flatMap(({ traffic }) => traffic ?? [])
    : [];
  if (all.length === 0) return null;
  const gaps = all.flatMap(({ longestGapMs }) => longestGapMs ?? []);
  return {
    requests: sum(all.map(({ requests }) => requests)),
    failed: sum(all.map(({ failed }) => failed)),
    longestGapMs: gaps.length === 0 ? null : Math.max(...gaps),
  };
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((all, one) => all + one, 0);
}
