const yearMs = 365 * 24 * 3_600_000;

/** Whether something was written down so long ago that it may be folded. @param at ISO 8601, by the server's clock; where it does not say, nobody knows */
export function isLongPast(at: string | undefined, now: number): boolean {
  return at !== undefined && Date.parse(at) <= now - yearMs;
}
