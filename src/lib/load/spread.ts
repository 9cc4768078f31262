import type { Bucket } from "./load.ts";

/** So many buckets from one power of ten to the next. */
const perDecade = 10;

/** How many answers took about how long, in buckets that grow as the times do. */
export class Spread {
  readonly #counts = new Map<number, number>();

  add(ms: number): void {
    // A tenth of a millisecond is next to nothing.
    const place = Math.ceil(Math.log10(Math.max(ms, 0.1)) * perDecade);
    this.#counts.set(place, (this.#counts.get(place) ?? 0) + 1);
  }

  /** From the shortest time to the longest, those between in which nothing is, too. */
  buckets(): readonly Bucket[] {
    const places = [...this.#counts.keys()];
    if (places.length === 0) return [];
    const first = Math.min(...places);
    return Array.from({ length: Math.max(...places) - first + 1 }, (_, n) => ({
      overMs: bound(first + n - 1),
      upToMs: bound(first + n),
      count: this.#counts.get(first + n) ?? 0,
    }));
  }
}

function bound(place: number): number {
  return Number((10 ** (place / perDecade)).toPrecision(3));
}
