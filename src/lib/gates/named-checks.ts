import type { NamedCheck } from "../config/gates-schema.ts";
import { list } from "../text/words.ts";

/** What both want: of a check that one has twice, evidence must show two. */
export function bothChecks<Check extends NamedCheck>(
  own: readonly Check[],
  policy: readonly NamedCheck[],
): readonly (Check | NamedCheck)[] {
  return [...own, ...without(policy, own)];
}

/** Those that the others do not have. */
export function without(checks: readonly NamedCheck[], others: readonly NamedCheck[]): readonly NamedCheck[] {
  const left = [...others];
  return checks.filter(({ path, status }) => {
    const there = left.findIndex((one) => one.path === path && one.status === status);
    if (there >= 0) left.splice(there, 1);
    return there < 0;
  });
}

/** `/healthz, / and /api (404)`. */
export function checksText(checks: readonly NamedCheck[]): string {
  return list([...new Set(checks.map(({ path, status }) => (isUsual(status) ? path : `${path} (${status})`)))]);
}

/** Answered, and a program that ended well. */
function isUsual(status: number): boolean {
  return status === 200 || status === 0;
}

/** In what order they were written does not matter; and where nobody has said, nothing is asked for. */
export function inOneOrder(checks: readonly NamedCheck[] = []): readonly string[] {
  return checks.map(({ path, status }) => `${status} ${path}`).toSorted();
}
