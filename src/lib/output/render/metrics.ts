import type { Figures, MetricsResult, Week } from "../../actions/metrics/result.ts";
import { count, span } from "../../text/words.ts";
import { nextLines } from "../next.ts";
import type { Paint, Render } from "../paint.ts";
import { table } from "../table.ts";

/** What the whole time comes to, then a line a week since the first change, the newest first. */
export const renderMetrics: Render<MetricsResult> = (result, paint, columns) => {
  const { environment, total, weeks, outcome, since } = result;
  if (outcome === "empty")
    return [
      `nothing was brought to ${environment} since ${since.slice(0, 10)}`,
      ...reportLine(result),
      ...nextLines(result, paint),
    ];
  const often = total.changesPerWeek === null ? "" : `, ${total.changesPerWeek.toFixed(1)} a week`;
  const heading = ["week of", "changes", "failed", "lead time", "restored in"].map((word) => paint.dim(word));
  const began = weeks.findIndex((week) => week.changes > 0);
  const rows = weeks
    .slice(began)
    .toReversed()
    .map((week) => [week.week, String(week.changes), ...cells(week, paint)]);
  return [
    `${paint.strong(environment)} since ${since.slice(0, 10)}: ${count(total.changes, "change")}${often}`,
    `  failed       ${failed(total, paint)}`,
    `  lead time    ${total.leadTimeMs === null ? "not known" : `${span(total.leadTimeMs)} from commit to serving, median of ${count(total.commits, "commit")}`}`,
    `  restored in  ${restored(total, paint)}`,
    "",
    ...table([heading, ...rows], { columns, leave: [3, 4] }),
    ...reportLine(result),
    ...nextLines(result, paint),
  ];
};

function reportLine({ report }: MetricsResult): string[] {
  return report === null ? [] : [`report: ${report}`];
}

function cells({ changes, failed: failures, leadTimeMs, restoreMs }: Week, paint: Paint): string[] {
  const some = (ms: number | null): string => (ms === null ? "" : span(ms));
  return [changes === 0 ? "" : failures === 0 ? "0" : paint.warn(String(failures)), some(leadTimeMs), some(restoreMs)];
}

function failed({ failed: failures, changes, failureRate }: Figures, paint: Paint): string {
  const text = `${failures} of ${changes} (${((failureRate ?? 0) * 100).toFixed(0)} %)`;
  return failures === 0 ? paint.good(text) : paint.warn(text);
}

function restored({ restoreMs, unrestored, failed: failures }: Figures, paint: Paint): string {
  if (failures === 0) return "nothing to restore";
  const open = unrestored === 0 ? "" : paint.bad(`${unrestored} not restored yet`);
  return [...(restoreMs === null ? [] : [`${span(restoreMs)}, median`]), ...(open === "" ? [] : [open])].join("; ");
}
