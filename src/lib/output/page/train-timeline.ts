import { scaleLinear, type ScaleLinear } from "d3-scale";
import type { ReportedRun } from "../../actions/report/result.ts";
import { count, took } from "../../text/words.ts";
import { chart, margin, round, type Size, xAxis } from "./chart.ts";
import { type Html, html } from "./html.ts";

const rowHeight = 46;

/** What was done, one below the other, each where those before it ended: the days in between are cut out. */
export function trainTimeline(runs: readonly ReportedRun[]): Html {
  const placed = placedOf(runs);
  const end = Math.max(1000, ...placed.map(({ from, run }) => from + Math.max(run.tookMs ?? 0, run.usualMs ?? 0)));
  const whole = runs.reduce((sum, { tookMs }) => sum + (tookMs ?? 0), 0);
  const says = `${count(runs.length, "step")} one after another, ${took(whole)} in all: ${runs.map((run) => `${nameOf(run)} ${tookText(run)}`).join(", ")}.`;
  return chart("train", margin.top + margin.bottom + runs.length * rowHeight, {
    says,
    inside: (size) => {
      const x = scaleLinear([0, end], [12, size.width - margin.right]);
      return [...rules(x, size), ...placed.flatMap((one, row) => bar(one, margin.top + row * rowHeight, { x, size }))];
    },
  });
}

interface Placed {
  readonly run: ReportedRun;
  /** Milliseconds of work before it. */
  readonly from: number;
}

function placedOf(runs: readonly ReportedRun[]): readonly Placed[] {
  let from = 0;
  return runs.map((run) => {
    const placed = { run, from };
    from += run.tookMs ?? 0;
    return placed;
  });
}

type Scale = ScaleLinear<number, number>;

function rules(x: Scale, size: Size): readonly Html[] {
  const ticks = x.ticks(size.name === "wide" ? 8 : 4).map((ms) => ({ at: x(ms), text: tickText(ms) }));
  return [
    ...ticks.map(
      ({ at }) =>
        html`<line
          class="grid"
          x1="${round(at)}"
          x2="${round(at)}"
          y1="${margin.top}"
          y2="${size.height - margin.bottom}"
        />`,
    ),
    ...xAxis(ticks.slice(1), size),
  ];
}

/** The bar, beside it to where it usually comes, and above both what it is. */
function bar({ run, from }: Placed, top: number, { x, size }: { readonly x: Scale; readonly size: Size }): Html[] {
  const [left, right] = [x(from), x(from + (run.tookMs ?? 0))];
  const kind = run.exitCode === 0 ? "good" : run.exitCode === null ? "open" : "bad";
  const isRight = left > size.width / 2;
  const usual = run.usualMs === null ? [] : [usualMark(x(from + run.usualMs), top + 20)];
  return [
    html`<text
      class="row"
      x="${round(isRight ? Math.max(right, left) : left)}"
      y="${top + 14}"
      text-anchor="${isRight ? "end" : "start"}"
      >${nameOf(run)} · ${tookText(run)}</text
    >`,
    html`<rect
      class="${kind}"
      x="${round(left)}"
      y="${top + 20}"
      width="${round(Math.max(2, right - left))}"
      height="16"
      rx="3"
    />`,
    ...usual,
  ];
}

function usualMark(at: number, top: number): Html {
  return html`<line class="usual" x1="${round(at)}" x2="${round(at)}" y1="${top - 2}" y2="${top + 18}" />`;
}

/** `deploy to staging`. */
export function nameOf({ command, environment }: Pick<ReportedRun, "command" | "environment">): string {
  return environment === null ? command : `${command} -e ${environment}`;
}

/** `1 min 3 s, usually 58 s`. */
export function tookText({ tookMs, usualMs }: Pick<ReportedRun, "tookMs" | "usualMs">): string {
  if (tookMs === null) return "has no end";
  return usualMs === null ? took(tookMs) : `${took(tookMs)}, usually ${took(usualMs)}`;
}

function tickText(ms: number): string {
  return took(ms).replace(".0 s", " s").replace(/ 0 s$/, "");
}
