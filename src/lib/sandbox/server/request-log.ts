/** One answered request. Bytes are those on the wire, headers included, so that "no layer moved" can be read off them. */
export interface LogEntry {
  /** 1, 2, 3 … in the order of the answers. */
  readonly number: number;
  /** ISO 8601. */
  readonly at: string;
  readonly method: string;
  /** Without the query: it can carry a signature. */
  readonly path: string;
  /** "PutImage", "v2:GetBlob" …; absent for anything else. */
  readonly operation?: string;
  /** 0 when the socket closed before a status was sent. */
  readonly status: number;
  readonly bytesIn: number;
  readonly bytesOut: number;
  readonly milliseconds: number;
  /** The kind of the injected fault, where there was one. */
  readonly fault?: string;
  /** What the role of whoever asked was needed for, or lacks: `ssm:PutParameter arn:…`. */
  readonly used?: readonly string[];
}

export interface RequestLog {
  add(entry: Omit<LogEntry, "number">): void;
  /** Entries with a greater number than `since`, oldest first; at most the ring's size. */
  since(number: number): readonly LogEntry[];
  /** Number of the newest entry; 0 before the first. */
  readonly last: number;
}

/** A ring of the last `size` entries; each is also given to `sink` as one JSON line. */
export function createRequestLog(
  settings: { readonly size?: number; readonly sink?: (line: string) => void } = {},
): RequestLog {
  const size = settings.size ?? 10_000;
  const entries: LogEntry[] = [];
  let last = 0;
  return {
    add(entry) {
      last += 1;
      const numbered = { number: last, ...entry };
      entries.push(numbered);
      // Trimmed in strides: shifting an array of 10,000 for each request is needless work.
      if (entries.length >= size * 2) entries.splice(0, entries.length - size);
      settings.sink?.(JSON.stringify(numbered));
    },
    since: (number) => entries.slice(-size).filter((entry) => entry.number > number),
    get last() {
      return last;
    },
  };
}
