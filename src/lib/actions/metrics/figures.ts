import { median } from "../../text/median.ts";
import type { Change } from "./changes.ts";
import type { Figures, Week } from "./result.ts";

/** A change with the times of the commits that it brought; undefined where this clone does not have them. */
export interface Measured extends Change {
  readonly committedAt: readonly number[] | undefined;
}

const weekMs = 7 * 86_400_000;
/** The first Monday after the epoch, which was a Thursday. */
const aMonday = 4 * 86_400_000;

/** @param lastMs over how long it was measured. */
export function figuresOf(changes: readonly Measured[], lastMs: number): Figures {
  const failures = changes.flatMap(({ failure }) => failure ?? []);
  const leads = changes.flatMap(({ servedAt, committedAt = [] }) =>
    servedAt === undefined ? [] : committedAt.map((at) => Math.max(0, servedAt - at)),
  );
  return {
    changes: changes.length,
    changesPerWeek: lastMs < weekMs ? null : (changes.length / lastMs) * weekMs,
    failed: failures.length,
    failureRate: changes.length === 0 ? null : failures.length / changes.length,
    leadTimeMs: median(leads) ?? null,
    commits: leads.length,
    restoreMs: median(failures.flatMap(({ from, until }) => (until === undefined ? [] : until - from))) ?? null,
    unrestored: failures.filter(({ until }) => until === undefined).length,
  };
}

/** A week belongs to a change by when that began. @param from milliseconds since the epoch, like `until` */
export function weeksOf(changes: readonly Measured[], from: number, until: number): readonly Week[] {
  const weeks: Week[] = [];
  for (let monday = mondayOf(from); monday <= until; monday += weekMs) {
    const own = changes.filter(({ beganAt }) => mondayOf(beganAt) === monday);
    weeks.push({ week: new Date(monday).toISOString().slice(0, 10), ...figuresOf(own, weekMs) });
  }
  return weeks;
}

function mondayOf(at: number): number {
  return at - ((((at - aMonday) % weekMs) + weekMs) % weekMs);
}
