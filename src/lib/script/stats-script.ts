import type { HostScript } from "./render.ts";

export interface StatsScript {
  readonly app: string;
  readonly nonce: string;
  /** For so long it is sampled. */
  readonly durationMs: number;
  /** Between two samples, in seconds. */
  readonly pause?: number;
  /** So many samples at most. */
  readonly most?: number;
}

/** Docker itself takes a second or two for a sample; over an hour one in five seconds tells as much. */
const pauses = { least: 1, most: 3 } as const;

/** The script that samples what the application's containers take of a host; see stats-report.ts for its answer. */
export function statsScript({ app, nonce, durationMs, pause: given, most }: StatsScript): HostScript {
  const seconds = Math.ceil(durationMs / 1000);
  const pause = given ?? Math.min(pauses.most, Math.max(pauses.least, Math.round(seconds / 300)));
  const assignments = {
    ACTION: "stats",
    APP: app,
    NONCE: nonce,
    DURATION: seconds,
    PAUSE: pause,
    MOST: most ?? Math.ceil(seconds / pause) + 1,
  };
  return { name: "stats", assignments };
}
