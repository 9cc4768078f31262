import type { ReportedPhase, ReportedRun, ReportResult } from "../../actions/report/result.ts";
import { shortRevision } from "../../release/revision.ts";
import { count, took } from "../../text/words.ts";
import { moment } from "../moment.ts";
import { nextLines } from "../next.ts";
import type { Paint, Render } from "../paint.ts";
import { table } from "../table.ts";

/** A line for each step, its long phases below it, and where its logs are. */
export function reportRenderer(now: number): Render<ReportResult> {
  return (result, paint, columns) => {
    const { outcome, revision, runs, folder, report } = result;
    if (outcome === "empty") return [`no command has left a record in ${folder} yet`, ...nextLines(result, paint)];
    const rows = runs.flatMap((run) => [
      runRow(run, now, paint),
      ...run.phases.filter(isLong).map((one) => phaseRow(one, paint)),
    ]);
    return [
      `${paint.strong(revision === null ? "one run" : shortRevision(revision))}: ${count(runs.length, "run")} on record in ${folder}`,
      ...table(rows, { columns, leave: [4] }),
      ...runs.flatMap(({ run, says }) => (says === null ? [] : [paint.bad(`  ${run}: ${says}`)])),
      ...(report === null ? [] : [`report: ${report}`]),
      ...nextLines(result, paint, ""),
    ];
  };
}

/** What is over in a second, before and now, nobody needs to read. */
const worthReadingMs = 1000;

function isLong({ tookMs, usualMs }: ReportedPhase): boolean {
  return tookMs === null || Math.max(tookMs, usualMs ?? 0) >= worthReadingMs;
}

function runRow(
  { command, environment, outcome, exitCode, startedAt, run, ...times }: ReportedRun,
  now: number,
  paint: Paint,
): string[] {
  const mark = exitCode === 0 ? paint.good("✔") : exitCode === null ? paint.warn("?") : paint.bad("✖");
  const what = environment === null ? command : `${command} -e ${environment}`;
  return [
    `${mark} ${paint.strong(what)}`,
    outcome ?? "has no end",
    timeText(times) + usualText(times, paint),
    paint.dim(moment(startedAt, now)),
    paint.dim(run),
  ];
}

/** A time below the other, before names that are as long as they like. */
function phaseRow({ phase, ok, ...times }: ReportedPhase, paint: Paint): string[] {
  return [
    `  ${timeText(times).padStart(longestTime)}  ${ok === false ? paint.bad(phase) : phase}${usualText(times, paint)}`,
  ];
}

const longestTime = "12 min 34 s".length;

type Times = Pick<ReportedPhase, "tookMs" | "usualMs">;

function timeText({ tookMs }: Times): string {
  return tookMs === null ? "" : took(tookMs);
}

function usualText({ tookMs, usualMs }: Times, paint: Paint): string {
  if (tookMs === null || usualMs === null || Math.abs(usualMs - tookMs) < worthReadingMs / 2) return "";
  return paint.dim(` (usually ${took(usualMs)})`);
}
