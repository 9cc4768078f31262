/** Some of all. */
export interface Share {
  readonly bad: number;
  readonly all: number;
}

/**
 * How likely it is that so many of the bad ones, or more, are among the new ones, if it is by chance alone on which side each of
 * them is: Fisher's exact test, one-sided, so that it holds for three requests as for a million.
 */
export function oddsOfChance(old: Share, now: Share): number {
  const [bad, all] = [old.bad + now.bad, old.all + now.all];
  const most = Math.min(bad, now.all);
  const whole = logChoose(all, now.all);
  let odds = 0;
  for (let some = now.bad; some <= most; some += 1) {
    const one = Math.exp(logChoose(bad, some) + logChoose(all - bad, now.all - some) - whole);
    odds += one;
    // Behind their peak they only get smaller.
    if (one < odds * 1e-12 && some > (bad * now.all) / all) break;
  }
  return Math.min(1, odds);
}

/** Of a normal distribution nineteen of twenty values lie below so many deviations. */
const nineteenOfTwenty = 1.645;

/**
 * By how much, at most, the new ones are worse, as a part of all: nineteen times of twenty the truth is below that. Newcombe's
 * interval of Wilson's, which stays right where nothing is bad. 1 where nothing is known.
 */
export function mayDifferAtMost(old: Share, now: Share): number {
  if (old.all === 0 || now.all === 0) return 1;
  const [before, after] = [wilson(old), wilson(now)];
  return after.part - before.part + Math.hypot(after.above - after.part, before.part - before.below);
}

function wilson({ bad, all }: Share): { readonly part: number; readonly below: number; readonly above: number } {
  const z = nineteenOfTwenty;
  const part = bad / all;
  const middle = part + (z * z) / (2 * all);
  const reach = z * Math.sqrt((part * (1 - part)) / all + (z * z) / (4 * all * all));
  const whole = 1 + (z * z) / all;
  return { part, below: Math.max(0, (middle - reach) / whole), above: Math.min(1, (middle + reach) / whole) };
}

/** Logarithm of how many ways there are to choose some of all; -Infinity where there is none. */
function logChoose(all: number, some: number): number {
  if (some < 0 || some > all) return -Infinity;
  return logFactorial(all) - logFactorial(some) - logFactorial(all - some);
}

const known: readonly number[] = Array.from({ length: 256 }).reduce<number[]>(
  (sums, _, n) => [...sums, n < 2 ? 0 : (sums[n - 1] ?? 0) + Math.log(n)],
  [],
);

/** By Stirling's series where it is exact to twelve digits. */
function logFactorial(n: number): number {
  const exact = known[n];
  if (exact !== undefined) return exact;
  return n * Math.log(n) - n + Math.log(2 * Math.PI * n) / 2 + 1 / (12 * n) - 1 / (360 * n ** 3);
}
