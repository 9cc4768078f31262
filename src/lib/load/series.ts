import { Latencies } from "./latencies.ts";
import type { Second } from "./load.ts";

/** Counts by the second in which requests were due. */
export class Series {
  readonly #timeoutMs: number;
  /** Those that may still get answers, behind those that are done. */
  readonly #open: Latencies[] = [];
  readonly #done: Second[] = [];

  constructor(timeoutMs: number) {
    this.#timeoutMs = timeoutMs;
  }

  add(dueMs: number, waitedMs: number | undefined, ok: boolean): void {
    const place = Math.floor(dueMs / 1000) - this.#done.length;
    while (this.#open.length <= place) this.#open.push(new Latencies("rough"));
    this.#open[place]?.add(waitedMs, ok);
  }

  /** Keeps the numbers alone of what is older than the longest answer: an hour of histograms has no room. */
  settle(elapsedMs: number): void {
    while ((this.#done.length + 2) * 1000 + this.#timeoutMs < elapsedMs && this.#open.length > 0) this.#next();
  }

  seconds(): readonly Second[] {
    while (this.#open.length > 0) this.#next();
    return this.#done;
  }

  #next(): void {
    const measured = this.#open.shift()?.measured();
    if (measured === undefined) return;
    const { requests, errors, p50Ms, p99Ms, maxMs } = measured;
    this.#done.push({ requests, errors, p50Ms, p99Ms, maxMs });
  }
}
