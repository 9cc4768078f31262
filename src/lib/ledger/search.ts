/** Whether a deployment of a number is there, as far as it was asked. */
export type Answers = ReadonlyMap<number, boolean>;

/** Where the newest number is. */
export interface Bounds {
  /** The highest that is there; 0 where none is known. */
  readonly low: number;
  /** The lowest above it that is not; Infinity where none is known. */
  readonly high: number;
}

/** How many numbers above the newest are looked at too: a few that were lost hide nothing that came after them. */
const ahead = 4;

/** So few numbers are read at once, rather than halved. */
const few = 20;

/** So many numbers are asked for between two: ten calls. */
const split = 100;

/** Doubling, what one call asks for beside the head: a ledger of up to 8,191 is known within a factor of two. */
export const firstProbes: readonly number[] = doubled(16, 9);

export function boundsOf(answers: Answers): Bounds {
  const low = [...answers].reduce((most, [number, isThere]) => (isThere ? Math.max(most, number) : most), 0);
  return { low, high: lowestAbsent(answers, low) };
}

/** The same where something says that the newest number is at least so high: a hint, which may be wrong. */
export function hinted(answers: Answers, hint: number): Bounds {
  const low = Math.max(hint, boundsOf(answers).low);
  return { low, high: lowestAbsent(answers, low) };
}

function lowestAbsent(answers: Answers, above: number): number {
  return [...answers].reduce(
    (least, [number, isThere]) => (!isThere && number > above ? Math.min(least, number) : least),
    Infinity,
  );
}

/** The numbers to read whole, with what came of them. @param back how many of the newest are wanted */
export function window({ low, high }: Bounds, back: number): readonly number[] {
  const top = high - low <= few ? Math.max(high - 1, low + ahead) : low + ahead;
  return upTo(Math.max(1, low - back + 1), top);
}

/** The numbers to ask for beside those: doubling as long as nothing above is known, then in even steps. */
export function probes({ low, high }: Bounds): readonly number[] {
  if (high === Infinity) return doubled(2 * ahead, 10).map((step) => low + step);
  if (high - low <= few) return [];
  const step = Math.ceil((high - low) / split);
  return upTo(1, Math.ceil((high - low) / step) - 1)
    .map((count) => low + count * step)
    .filter((number) => number > low + ahead);
}

function doubled(first: number, count: number): number[] {
  return Array.from({ length: count }, (_, power) => first * 2 ** power);
}

function upTo(first: number, last: number): number[] {
  return Array.from({ length: Math.max(0, last - first + 1) }, (_, index) => first + index);
}
