import { createHistogram } from "node:perf_hooks";
import { Latencies } from "./latencies.ts";
import type { Load, LoadNow, LoadReport } from "./load.ts";
import { Series } from "./series.ts";
import { Spread } from "./spread.ts";
import type { Turn } from "./turns.ts";

/** How one request ended. */
export interface Ended {
  readonly turn: Turn;
  /** When it was due, in milliseconds since the load began. */
  readonly dueMs: number;
  /** How long somebody waited; undefined where that says nothing. */
  readonly waitedMs: number | undefined;
  /** What went wrong; undefined where nothing did. */
  readonly error: string | undefined;
  /** What the answer says of itself (X-Release). */
  readonly release: string | undefined;
}

/** A header that anybody may send must not fill the memory. */
const mostReleases = 20;

/** Counts how requests ended: all of them, by target, by request and by the second in which they were due. */
export class Tally {
  readonly #total = new Latencies();
  readonly #spread = new Spread();
  readonly #targets: readonly { readonly all: Latencies; readonly seconds: Series }[];
  readonly #requests: readonly Latencies[];
  readonly #errors = new Map<string, number>();
  readonly #releases = new Map<string, number>();
  readonly #late = createHistogram({ lowest: 1, highest: 3_600_000_000, figures: 2 });
  readonly #seconds: Series;

  constructor(load: Pick<Load, "targets" | "requests" | "timeoutMs" | "everyMs">) {
    this.#targets = load.targets.map(() => ({ all: new Latencies(), seconds: new Series(load) }));
    this.#requests = load.requests.map(() => new Latencies());
    this.#seconds = new Series(load);
  }

  /** A request goes out, so much after it was due. */
  sent(lateMs: number): void {
    this.#late.record(Math.max(1, Math.round(lateMs * 1000)));
  }

  ended({ turn, dueMs, waitedMs, error, release }: Ended): void {
    const ok = error === undefined;
    const target = this.#targets[turn.target];
    for (const one of [this.#total, target?.all, this.#requests[turn.request]]) one?.add(waitedMs, ok);
    for (const one of [this.#seconds, target?.seconds]) one?.add(dueMs, waitedMs, ok);
    if (waitedMs !== undefined) this.#spread.add(waitedMs);
    if (error !== undefined) this.#errors.set(error, (this.#errors.get(error) ?? 0) + 1);
    if (release !== undefined && (this.#releases.has(release) || this.#releases.size < mostReleases))
      this.#releases.set(release, (this.#releases.get(release) ?? 0) + 1);
  }

  now(elapsedMs: number): LoadNow {
    for (const one of [this.#seconds, ...this.#targets.map(({ seconds }) => seconds)]) one.settle(elapsedMs);
    return { total: this.#total.measured(), elapsedMs };
  }

  report(tookMs: number): LoadReport {
    return {
      total: this.#total.measured(),
      targets: this.#targets.map(({ all, seconds }) => ({ ...all.measured(), seconds: seconds.seconds() })),
      requests: this.#requests.map((one) => one.measured()),
      latencies: this.#spread.buckets(),
      errors: [...this.#errors].map(([says, count]) => ({ says, count })).toSorted((a, b) => b.count - a.count),
      releases: Object.fromEntries(this.#releases),
      seconds: this.#seconds.seconds(),
      lateMs: this.#late.count === 0 ? 0 : Math.round(this.#late.percentile(99) / 10) / 100,
      tookMs: Math.round(tookMs),
    };
  }
}
