import { scaleBand, scaleLinear } from "d3-scale";
import type { MetricsResult, Week } from "../../actions/metrics/result.ts";
import { count, span } from "../../text/words.ts";
import { chart, margin, round, type Size, xAxis, yAxis } from "./chart.ts";
import { type Html, html } from "./html.ts";
import { page } from "./page.ts";
import { table } from "./table.ts";

/** The four keys week by week, as a page. */
export function metricsPage(result: MetricsResult): string {
  const { environment, since, observedAt, advice } = result;
  const began = result.weeks.findIndex(({ changes }) => changes > 0);
  const weeks = began === -1 ? [] : result.weeks.slice(began);
  return page(
    `${environment}: how its changes go`,
    html`<header>
        <p class="where">${since.slice(0, 10)} to ${observedAt.slice(0, 10)}</p>
        <h1>${environment}: how its changes go</h1>
        ${advice.map((sentence) => html`<p>${sentence}</p>`)}
      </header>
      <main>${figures(result)} ${weeks.length === 0 ? nothing() : weekSections(weeks)}</main>
      <footer>
        <p>
          The four keys of DORA's research, from the ledger and git. A change is a release that was brought to hosts
          which did not run it before; it failed where hosts went back from it, where it did not end well on all of
          them, or where it was rolled back later. Times are medians.
        </p>
      </footer>`,
  );
}

function nothing(): Html {
  return html`<section>
    <h2>Week by week</h2>
    <p>Nothing was brought to it in that time.</p>
  </section>`;
}

function figures({ total }: MetricsResult): Html {
  const { changes, changesPerWeek, failed, failureRate, leadTimeMs, commits, restoreMs, unrestored } = total;
  const one = (name: string, value: string, more: string, isBad = false): Html =>
    html`<div class="figure${isBad ? " wrong" : ""}">
      <dt>${name}</dt>
      <dd>${value} <small>${more}</small></dd>
    </div>`;
  const rate = failureRate === null ? "-" : `${Math.round(failureRate * 100)} %`;
  return html`<dl class="figures">
    ${one("changes", String(changes), changesPerWeek === null ? "" : `${changesPerWeek.toFixed(1)} a week`)}
    ${one("failed", rate, `${failed} of ${changes}`, failed > 0)}
    ${one("lead time", leadTimeMs === null ? "-" : span(leadTimeMs), `of ${count(commits, "commit")}`)}
    ${one("restored in", restoreMs === null ? "-" : span(restoreMs), unrestored === 0 ? "" : `${unrestored} not yet`, unrestored > 0)}
  </dl>`;
}

function weekSections(weeks: readonly Week[]): Html {
  return html`<section>
    <h2>Changes a week</h2>
    <p class="key"><span class="good">went well</span> <span class="bad">failed</span></p>
    ${changesChart(weeks)}
    <h2>Lead time</h2>
    ${timeChart("lead", "Median time from a commit until it served", weeks, ({ leadTimeMs }) => leadTimeMs)}
    <h2>Restored in</h2>
    ${timeChart("restore", "Median time from a failure until hosts ran one release again", weeks, ({ restoreMs }) => restoreMs)}
    ${weekTable(weeks)}
  </section>`;
}

interface Bar {
  readonly kind: "good" | "bad";
  readonly from: number;
  readonly to: number;
  readonly says: string;
}

function changesChart(weeks: readonly Week[]): Html {
  const failed = weeks.reduce((sum, week) => sum + week.failed, 0);
  const most = Math.max(1, ...weeks.map(({ changes }) => changes));
  const says = `Changes week by week, at most ${most}: ${failed} failed in ${count(weeks.length, "week")}.`;
  return barChart("changes", says, weeks, {
    most,
    text: String,
    bars: ({ week, changes, failed: bad }) => [
      { kind: "bad", from: 0, to: bad, says: `week of ${week}: ${bad} failed` },
      { kind: "good", from: bad, to: changes, says: `week of ${week}: ${changes - bad} went well` },
    ],
  });
}

function timeChart(id: string, what: string, weeks: readonly Week[], of: (week: Week) => number | null): Html {
  const known = weeks.flatMap((week) => of(week) ?? []);
  if (known.length === 0) return html`<p>Not known of any week.</p>`;
  const hours = Math.max(...known) / 3_600_000;
  const unit =
    hours > 48 ? { ms: 86_400_000, name: "d" } : hours > 2 ? { ms: 3_600_000, name: "h" } : { ms: 60_000, name: "min" };
  const says = `${what}, week by week: at most ${span(Math.max(...known))}, in ${count(known.length, "week")} of ${weeks.length}.`;
  return barChart(id, says, weeks, {
    most: Math.max(...known) / unit.ms,
    text: (value) => `${value} ${unit.name}`,
    bars: (week) => {
      const ms = of(week);
      return ms === null
        ? []
        : [{ kind: "good", from: 0, to: ms / unit.ms, says: `week of ${week.week}: ${span(ms)}` }];
    },
  });
}

interface Bars {
  readonly most: number;
  readonly text: (value: number) => string;
  readonly bars: (week: Week) => readonly Bar[];
}

function barChart(id: string, says: string, weeks: readonly Week[], { most, text, bars }: Bars): Html {
  return chart(id, 160, {
    says,
    inside: (size) => {
      const x = scaleBand(
        weeks.map(({ week }) => week),
        [margin.left, size.width - margin.right],
      ).padding(0.2);
      const y = scaleLinear([0, most], [size.height - margin.bottom, margin.top]).nice(3);
      const marks = y.ticks(3).filter((value) => most > 3 || text !== String || Number.isInteger(value));
      const at = (week: string): number => x(week) ?? 0;
      return [
        ...yAxis(
          marks.map((value) => ({ at: y(value), text: text(value) })),
          size,
        ),
        ...xAxis(
          shownWeeks(weeks, size).map((week) => ({ at: at(week) + x.bandwidth() / 2, text: week.slice(5) })),
          size,
        ),
        ...weeks.flatMap((week) =>
          bars(week)
            .filter(({ from, to }) => to > from)
            .map((bar) => {
              // What is little is still to be seen.
              const tall = Math.max(2, y(bar.from) - y(bar.to));
              const box = html`x="${round(at(week.week))}" y="${round(y(bar.from) - tall)}"`;
              return html`<rect class="${bar.kind}" ${box} width="${round(x.bandwidth())}" height="${round(tall)}"
                ><title>${bar.says}</title></rect
              >`;
            }),
        ),
      ];
    },
  });
}

/** As many as there is room for, the last one among them. */
function shownWeeks(weeks: readonly Week[], { name }: Size): readonly string[] {
  const each = Math.ceil(weeks.length / (name === "wide" ? 13 : 6));
  return weeks.filter((_, index) => (weeks.length - 1 - index) % each === 0).map(({ week }) => week);
}

function weekTable(weeks: readonly Week[]): Html {
  const time = (ms: number | null): string => (ms === null ? "-" : span(ms));
  const rows = weeks.toReversed().map(
    ({ week, changes, failed, leadTimeMs, restoreMs }) =>
      html`<tr>
        <th scope="row">${week}</th>
        <td>${changes}</td>
        <td class="${failed > 0 ? "wrong" : ""}">${failed}</td>
        <td>${time(leadTimeMs)}</td>
        <td>${time(restoreMs)}</td>
      </tr>`,
  );
  return html`<details>
    <summary>The same as a table</summary>
    ${table("Week by week", ["week of", "changes", "failed", "lead time", "restored in"], rows)}
  </details>`;
}
