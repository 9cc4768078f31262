import type { Load } from "./load.ts";

/** Whom to ask for what: places in the load's lists. */
export interface Turn {
  readonly target: number;
  readonly request: number;
}

/**
 * Whose turn it is, again and again: in each round every pair has exactly its share, and none waits for another to have all
 * of its own (smooth weighted round robin, as nginx does it). Pairs, since two lists walked side by side
 * would send one request to one target alone.
 */
export function turnsOf({ targets, requests }: Pick<Load, "targets" | "requests">): () => Turn {
  const pairs = targets.flatMap((_, target) =>
    requests.map(({ weight }, request) => ({ target, request, weight, credit: 0 })),
  );
  const all = pairs.reduce((sum, { weight }) => sum + weight, 0);
  return () => {
    let next: (typeof pairs)[number] | undefined;
    for (const pair of pairs) {
      pair.credit += pair.weight;
      if (next === undefined || pair.credit > next.credit) next = pair;
    }
    if (next === undefined) throw new Error("a load needs a target and a request");
    next.credit -= all;
    return next;
  };
}
