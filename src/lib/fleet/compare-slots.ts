import type { SlotSum } from "../ledger/ledger.ts";
import type { SlotCount, SlotCounts } from "../script/slot-counts.ts";
import { mayDifferAtMost, oddsOfChance, type Share } from "./chance.ts";

/** What the edges have counted says of the new slot beside the old one. */
export interface Comparison {
  /** worse: by more than chance. as-good: it cannot be noticeably worse. inconclusive: neither can be said. */
  readonly verdict: "worse" | "as-good" | "inconclusive";
  /** The predicate of a sentence about the new release. */
  readonly says: string;
  /** So many more answers of the slot that has fewer are needed to say anything; 0 where it is not for want of them. */
  readonly lacking: number;
}

/** Fewer answers than this say nothing good of a slot. */
export const leastAnswers = 300;
/** Of those whose time is known, after its first seconds. */
const leastTimed = 100;
/** Fewer say nothing bad of how fast it is, either. */
const leastSlow = 50;
/**
 * A difference this unlikely by chance is none. A step is looked at some hundred times at most, so that a release that is as
 * good as the other is sent back in less than one of a hundred steps.
 */
const unlikely = 1e-4;
/** Beyond these parts of all answers a slot is noticeably worse: one of a hundred fails more, five of a hundred are slow. */
const tolerated = { failed: 0.01, slow: 0.05 } as const;
/** Below these nobody minds, however sure they are. */
const minded = { failed: 0.001, slow: 0.05 } as const;

/** Pure: the same counts have the same verdict, whoever asks when. */
export function compareSlots(counts: SlotCounts): Comparison {
  const failed = sharesOf(counts, ({ failed: bad, requests }) => ({ bad, all: requests }));
  if (isWorse(failed, "failed"))
    return { verdict: "worse", says: `fails more often: ${failedText(counts)}`, lacking: 0 };
  const slow = slowShares(counts);
  if (Math.min(slow.old.all, slow.new.all) >= leastSlow && isWorse(slow, "slow"))
    return { verdict: "worse", says: `is slower: ${slowText(slow)}`, lacking: 0 };
  const fewest = Math.min(counts.old.requests, counts.new.requests);
  if (fewest < leastAnswers) return tooFew(counts, leastAnswers - fewest);
  const timed = Math.min(slow.old.all, slow.new.all);
  // Where no HTTP is spoken no answer has a time.
  if (slow.old.all + slow.new.all > 0 && timed < leastTimed)
    return { ...tooFew(counts, leastTimed - timed), says: `has too few answers whose time is known: ${timed}` };
  if (!isAsGood(failed, "failed"))
    return { verdict: "inconclusive", says: `may fail more often, or not: ${failedText(counts)}`, lacking: fewest };
  if (timed > 0 && !isAsGood(slow, "slow"))
    return { verdict: "inconclusive", says: `may be slower, or not: ${slowText(slow)}`, lacking: timed };
  return { verdict: "as-good", says: `is as good: ${failedText(counts)}`, lacking: 0 };
}

/** @returns that a release fails more often than the one before it did, by more than chance; undefined where it does not */
export function failsMore(
  old: Pick<SlotCount, "requests" | "failed">,
  now: Pick<SlotCount, "requests" | "failed">,
): string | undefined {
  const part = ({ requests, failed }: typeof old): Share => ({ bad: failed, all: requests });
  if (!isWorse({ old: part(old), new: part(now) }, "failed")) return undefined;
  return `${now.failed} of ${now.requests} answers failed, and ${old.failed} of ${old.requests} of the release before`;
}

interface Shares {
  readonly old: Share;
  readonly new: Share;
}

function sharesOf(counts: SlotCounts, of: (slot: SlotCount) => Share): Shares {
  return { old: of(counts.old), new: of(counts.new) };
}

function isWorse({ old, new: now }: Shares, what: keyof typeof minded): boolean {
  if (old.all === 0 || now.all === 0) return false;
  return now.bad / now.all - old.bad / old.all >= minded[what] && oddsOfChance(old, now) < unlikely;
}

function isAsGood({ old, new: now }: Shares, what: keyof typeof tolerated): boolean {
  return mayDifferAtMost(old, now) < tolerated[what];
}

interface SlowShares extends Shares {
  /** What counts as slow, in milliseconds. */
  readonly fromMs: number;
}

/** Nobody notices less than this. */
const noticedMs = 20;

/** Slow is what takes half as long again as nine of ten answers of the old slot, and is noticed. */
function slowShares(counts: SlotCounts): SlowShares {
  const usual = percentile(counts.old, 0.9) ?? 0;
  const fromMs = Math.max(1.5 * usual, usual + noticedMs);
  return { fromMs, ...sharesOf(counts, ({ times }) => ({ bad: sum(times, fromMs), all: sum(times) })) };
}

function sum(times: SlotCount["times"], aboveMs = -1): number {
  return times.reduce((all, [ms, answers]) => (ms > aboveMs ? all + answers : all), 0);
}

/** So long, at most, that part of its answers took; undefined where no time is known. */
export function percentile({ times }: Pick<SlotCount, "times">, part: number): number | undefined {
  const wanted = part * sum(times);
  let seen = 0;
  return times.toSorted(([one], [other]) => one - other).find(([, answers]) => (seen += answers) >= wanted)?.[0];
}

function tooFew({ old, new: now }: SlotCounts, lacking: number): Comparison {
  const [which, slot] = now.requests <= old.requests ? (["the new", now] as const) : (["the old", old] as const);
  return {
    verdict: "inconclusive",
    says: `cannot be judged: ${which} slot has given ${slot.requests} of the ${leastAnswers} answers that it takes`,
    lacking,
  };
}

function failedText({ old, new: now }: SlotCounts): string {
  const part = ({ failed, requests }: SlotCount): string => `${failed} of ${requests}`;
  return `${part(now)} answers failed, and ${part(old)} of the old slot`;
}

function slowText({ old, new: now, fromMs }: SlowShares): string {
  const part = ({ bad, all }: Share): string => `${all === 0 ? 0 : Math.round((100 * bad) / all)} %`;
  return `${part(now)} of its answers took more than ${Math.round(fromMs)} ms, and ${part(old)} of the old slot's`;
}

/** As results and the ledger have it. */
export function sumOf(slot: SlotCount): SlotSum {
  const { requests, failed } = slot;
  return { requests, failed, p90Ms: percentile(slot, 0.9) ?? null };
}

/** Of several hosts together. */
export function addUp(all: readonly SlotCounts[]): SlotCounts {
  return { old: addSlots(all.map(({ old }) => old)), new: addSlots(all.map((one) => one.new)) };
}

function addSlots(slots: readonly SlotCount[]): SlotCount {
  const times = new Map<number, number>();
  for (const [ms, answers] of slots.flatMap((slot) => slot.times)) times.set(ms, (times.get(ms) ?? 0) + answers);
  const total = (of: (slot: SlotCount) => number): number => slots.reduce((all, slot) => all + of(slot), 0);
  return {
    weight: slots[0]?.weight ?? 0,
    requests: total(({ requests }) => requests),
    failed: total(({ failed }) => failed),
    times: [...times],
  };
}
