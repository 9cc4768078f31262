import type { BegunRun, EndedRun } from "../../../../src/lib/runs/run.ts";
import type { Phase, StoredRun, StoredRuns } from "../../../../src/lib/runs/stored-runs.ts";

export const revision = (letter: string): string => letter.repeat(40);

let last = 0;

/** A run that began a minute after the one before it. */
export function aRun(
  command: string,
  change: Partial<BegunRun> & { readonly ended?: Partial<EndedRun> | undefined; readonly at?: number } = {},
): StoredRun {
  last += 1;
  const { at = last, ended = {}, ...begun } = change;
  const hasEnd = !("ended" in change) || change.ended !== undefined;
  return {
    name: `20261128-0830${String(at).padStart(2, "0")}-${command}-${String(at).padStart(6, "0")}`,
    folder: `/runs/${String(at)}`,
    begun: {
      schema: 1,
      command,
      argv: [],
      environment: null,
      head: null,
      startedAt: new Date(Date.parse("2026-11-28T08:30:00Z") + at * 60_000).toISOString(),
      version: "1.2.3",
      pid: 1,
      url: null,
      ...begun,
    },
    ended: hasEnd ? { schema: 1, exitCode: 0, endedAt: "", tookMs: 1000, result: {}, ...ended } : undefined,
  };
}

export function storedAs(
  runs: readonly StoredRun[],
  phases: ReadonlyMap<string, readonly Phase[]> = new Map(),
): StoredRuns {
  return {
    list: () => ({ runs, unread: 0 }),
    phases: ({ name }) => phases.get(name) ?? [],
    files: () => ["events.ndjson"],
  };
}
