import { ThreadsError } from "../../errors/threads-error.ts";
import type { StoredRun, StoredRuns } from "../../runs/stored-runs.ts";
import { median } from "../../text/median.ts";
import { count } from "../../text/words.ts";
import type { ReportedPhase, ReportedRun, ReportResult } from "./result.ts";
import { trainOf } from "./train.ts";

export interface ReportPorts {
  readonly runs: StoredRuns;
  /** Where they lie. */
  readonly folder: string;
}

/** What a release has gone through here. Reads only. @throws ThreadsError UNKNOWN_RUN (usage) */
export function report(wanted: string | undefined, { runs: stored, folder }: ReportPorts): ReportResult {
  const { runs, unread } = stored.list();
  const advice = unread === 0 ? [] : [`${count(unread, "record")} in ${folder} could not be read`];
  const train = trainOf(runs, wanted);
  if (train === undefined && wanted !== undefined) throw unknownRun(wanted, { runs, folder });
  if (train === undefined)
    return { outcome: "empty", revision: null, folder, runs: [], report: null, next: ["threads smoke"], advice };
  return {
    outcome: "reported",
    revision: train.revision ?? null,
    folder,
    runs: train.runs.map((run) => reported(run, before(run, runs), stored)),
    report: null,
    next: [],
    advice,
  };
}

function unknownRun(
  wanted: string,
  { runs, folder }: { readonly runs: readonly StoredRun[]; readonly folder: string },
): ThreadsError {
  const newest = runs.slice(-5).toReversed();
  return new ThreadsError("UNKNOWN_RUN", {
    message: `no run on record is ${wanted}, nor about a release of that revision`,
    details: newest.map(({ name }) => name),
    next: newest.length === 0 ? ["threads report"] : newest.slice(0, 1).map(({ name }) => `threads report ${name}`),
    advice: [`records lie in ${folder}`],
  });
}

/** So many of them make what is usual. */
const mostBefore = 20;

/** Earlier runs of the kind, which went well. */
function before(run: StoredRun, all: readonly StoredRun[]): readonly StoredRun[] {
  const { command, environment } = run.begun;
  const earlier = all.slice(0, all.indexOf(run));
  return earlier
    .filter(
      ({ begun, ended }) => begun.command === command && begun.environment === environment && ended?.exitCode === 0,
    )
    .slice(-mostBefore);
}

function reported(run: StoredRun, earlier: readonly StoredRun[], stored: StoredRuns): ReportedRun {
  const { name, begun, ended } = run;
  const { outcome, message } = (ended?.result ?? {}) as { readonly outcome?: unknown; readonly message?: unknown };
  return {
    run: name,
    command: begun.command,
    environment: begun.environment,
    outcome: typeof outcome === "string" ? outcome : null,
    exitCode: ended?.exitCode ?? null,
    says: ended?.exitCode !== 0 && typeof message === "string" ? message : null,
    startedAt: begun.startedAt,
    tookMs: ended?.tookMs ?? null,
    usualMs: usualMs(earlier.flatMap((one) => one.ended?.tookMs ?? [])),
    phases: phasesOf(run, earlier, stored),
    files: stored.files(run),
    url: begun.url,
  };
}

function phasesOf(run: StoredRun, earlier: readonly StoredRun[], stored: StoredRuns): readonly ReportedPhase[] {
  const past = earlier.flatMap((one) => stored.phases(one)).filter(({ ok }) => ok === true);
  const byTitle = Map.groupBy(past, ({ title }) => title);
  return stored.phases(run).map(({ title, ok, startedAt, tookMs }) => ({
    phase: title,
    ok: ok ?? null,
    beganMs: Math.max(0, Date.parse(startedAt) - Date.parse(run.begun.startedAt)),
    tookMs: tookMs ?? null,
    usualMs: usualMs((byTitle.get(title) ?? []).flatMap((one) => one.tookMs ?? [])),
  }));
}

/** Fewer make nothing usual. */
const enough = 3;

function usualMs(values: readonly number[]): number | null {
  return values.length < enough ? null : (median(values) ?? null);
}
