import { Latencies } from "./latencies.ts";
import type { Load, Second } from "./load.ts";

/** Counts by the second in which requests were due, or by another length of time. */
export class Series {
  readonly #timeoutMs: number;
  readonly #everyMs: number;
  /** Those that may still get answers, behind those that are done. */
  readonly #open: Latencies[] = [];
  readonly #done: Second[] = [];

  constructor({ timeoutMs, everyMs = 1000 }: Pick<Load, "timeoutMs" | "everyMs">) {
    this.#timeoutMs = timeoutMs;
    this.#everyMs = everyMs;
  }

  add(dueMs: number, waitedMs: number | undefined, ok: boolean): void {
    const place = Math.floor(dueMs / this.#everyMs) - this.#done.length;
    while (this.#open.length <= place) this.#open.push(new Latencies("rough"));
    this.#open[place]?.add(waitedMs, ok);
  }

  /** Keeps the numbers alone of what is older than the longest answer: an hour of histograms has no room. */
  settle(elapsedMs: number): void {
    while ((this.#done.length + 2) * this.#everyMs + this.#timeoutMs < elapsedMs && this.#open.length > 0) this.#next();
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
