import type { LogLine } from "../../fleet/log-line.ts";

/** Lines of several hosts on their way to a reader, who is to get them in order of time: pure, but for what waits. */
export interface Merge {
  /** @param upTo everything that the host has said before then has been added: ISO 8601 to the nanosecond */
  add(host: string, lines: readonly LogLine[], upTo: string): void;
  /** A host that is not heard any more holds nothing back. */
  forget(host: string): void;
  /**
   * What nothing can come before any more. What has waited for one call goes anyway: the clock of a host may be wrong by
   * minutes, and then lines of the others would wait so long.
   */
  release(): readonly LogLine[];
  /** Everything that waits. */
  flush(): readonly LogLine[];
}

interface Waiting {
  readonly line: LogLine;
  /** Of what was said at the same time: first the host that was heard first, and of that what came first. */
  readonly host: number;
  readonly turn: number;
  hasWaited: boolean;
}

export function mergeLines(): Merge {
  const heardUpTo = new Map<string, string>();
  const order: string[] = [];
  let waiting: Waiting[] = [];
  let turn = 0;
  const take = (isDue: (one: Waiting) => boolean): readonly LogLine[] => {
    const due = waiting.filter(isDue).toSorted(byTime);
    const gone = new Set(due);
    waiting = waiting.filter((one) => !gone.has(one));
    for (const one of waiting) one.hasWaited = true;
    return due.map(({ line }) => line);
  };
  return {
    add: (host, lines, upTo) => {
      heardUpTo.set(host, upTo);
      if (!order.includes(host)) order.push(host);
      const rank = order.indexOf(host);
      for (const line of lines) waiting.push({ line, host: rank, turn: (turn += 1), hasWaited: false });
    },
    forget: (host) => void heardUpTo.delete(host),
    release: () => {
      const [first, ...others] = heardUpTo.values();
      const horizon = others.reduce((least, one) => (one < least ? one : least), first ?? "");
      return take(({ line, hasWaited }) => hasWaited || first === undefined || timeOf(line) < horizon);
    },
    flush: () => take(() => true),
  };
}

function byTime(one: Waiting, other: Waiting): number {
  const [a, b] = [timeOf(one.line), timeOf(other.line)];
  return a === b ? one.host - other.host || one.turn - other.turn : a < b ? -1 : 1;
}

/** Of one form and one zone: their letters have the order of the times. */
function timeOf({ loggedAt }: LogLine): string {
  return loggedAt ?? "";
}
