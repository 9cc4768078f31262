import type { Next } from "../../errors/next.ts";

/** How an environment's changes went, by the four keys of DORA's research (dora.dev/guides/dora-metrics-four-keys). */
export interface MetricsResult extends Next {
  /** empty: nothing was brought to its hosts in that time. */
  readonly outcome: "measured" | "empty";
  readonly environment: string;
  /** ISO 8601: what has begun from then on, until now, is measured. */
  readonly since: string;
  readonly total: Figures;
  /** By calendar weeks in UTC, oldest first, those without a change among them. */
  readonly weeks: readonly Week[];
  /** Releases whose commits this clone does not have, so that their lead time is not known. */
  readonly unknownReleases: number;
  /** Absolute path of the page that was written; null where none was asked for. */
  readonly report: string | null;
  /** ISO 8601, by the server's clock. */
  readonly observedAt: string;
}

export interface Week extends Figures {
  /** Its Monday, `2026-11-23`. */
  readonly week: string;
}

export interface Figures {
  /** Releases that were brought to hosts which did not run them before: repairs and rollbacks are none. */
  readonly changes: number;
  /** Of a whole week. */
  readonly changesPerWeek: number | null;
  /** Changes that hosts went back from, that did not end well on all of them, or that were rolled back later. */
  readonly failed: number;
  /** Of all changes, from 0 to 1; null where there are none. */
  readonly failureRate: number | null;
  /** Median over every commit of the changes that came to all hosts, merges left out; null where none is known. */
  readonly leadTimeMs: number | null;
  /** How many commits that is. */
  readonly commits: number;
  /** Median, from the beginning of what failed (of what was rolled back later: from its end) until all hosts ran one release again. */
  readonly restoreMs: number | null;
  /** Failures that nothing has mended yet. */
  readonly unrestored: number;
}
