import { createHistogram, type RecordableHistogram } from "node:perf_hooks";
import type { Measured } from "../config/measured.ts";

/** Node's own HdrHistogram, in microseconds up to an hour: three figures are within a thousandth of the truth. */
const precise = { lowest: 1, highest: 3_600_000_000, figures: 3 };
/** One for each second of an hour must fit into memory. */
const rough = { lowest: 1, highest: 3_600_000_000, figures: 2 };

/** How long answers took, and how many requests went wrong. */
export class Latencies {
  readonly #histogram: RecordableHistogram;
  #requests = 0;
  #errors = 0;

  constructor(accuracy: "precise" | "rough" = "precise") {
    this.#histogram = createHistogram(accuracy === "precise" ? precise : rough);
  }

  /** @param ms how long somebody waited; undefined where a connection was refused at once, which says nothing of waiting */
  add(ms: number | undefined, ok: boolean): void {
    this.#requests += 1;
    if (!ok) this.#errors += 1;
    if (ms !== undefined) this.#histogram.record(Math.min(precise.highest, Math.max(1, Math.round(ms * 1000))));
  }

  measured(): Measured {
    const { count, max } = this.#histogram;
    const at = (percentile: number): number | null =>
      count === 0 ? null : inMs(this.#histogram.percentile(percentile));
    return {
      requests: this.#requests,
      errors: this.#errors,
      p50Ms: at(50),
      p90Ms: at(90),
      p99Ms: at(99),
      maxMs: count === 0 ? null : inMs(max),
    };
  }
}

function inMs(micros: number): number {
  return micros / 1000;
}
