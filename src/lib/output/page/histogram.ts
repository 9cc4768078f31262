import { scaleLinear, scaleLog } from "d3-scale";
import type { StressMeasured } from "../../actions/stress/result.ts";
import { latency } from "../../text/words.ts";
import { chart, margin, round, xAxis, yAxis } from "./chart.ts";
import { type Html, html } from "./html.ts";

/** How many answers took about how long; times grow tenfold from mark to mark, so that a slow tail is seen beside the many. */
export function latencyHistogram({ latencies, total }: Pick<StressMeasured, "latencies" | "total">): Html {
  const [first, last] = [latencies[0], latencies.at(-1)];
  if (first === undefined || last === undefined) return html`<p>Nothing was answered.</p>`;
  const most = Math.max(...latencies.map(({ count }) => count));
  const { p50Ms, p99Ms } = total;
  const says = `How many answers took about how long, from ${latency(first.overMs)} to ${latency(last.upToMs)}.`;
  return chart("histogram", 220, {
    says,
    inside: (size) => {
      const { width, height } = size;
      const bounds = [Math.min(first.overMs, 1), Math.max(last.upToMs, 10)];
      const x = scaleLog(bounds, [margin.left, width - margin.right]);
      const y = scaleLinear([0, most], [height - margin.bottom, margin.top]).nice(4);
      const marks = [
        { ms: p50Ms, name: "p50" },
        { ms: p99Ms, name: "p99" },
      ].flatMap(({ ms, name }) => (ms === null ? [] : [{ at: x(Math.max(ms, bounds[0] ?? 0)), name }]));
      return [
        ...yAxis(
          y.ticks(4).map((value) => ({ at: y(value), text: String(value) })),
          size,
        ),
        ...xAxis(
          x
            .ticks()
            .filter((ms) => /^[15]0*$|^0\.[15]$/.test(String(ms)) && (size.name === "wide" || /1/.test(String(ms))))
            .map((ms) => ({ at: x(ms), text: ms >= 1000 ? `${ms / 1000} s` : `${ms} ms` })),
          size,
        ),
        ...latencies
          .filter(({ count }) => count > 0)
          .map(
            ({ overMs, upToMs, count }) =>
              html`<rect
                class="good"
                x="${round(x(overMs))}"
                y="${round(Math.min(y(count), y(0) - 1))}"
                width="${round(Math.max(1, x(upToMs) - x(overMs) - 1))}"
                height="${round(Math.max(1, y(0) - y(count)))}"
                ><title>${count} from ${latency(overMs)} to ${latency(upToMs)}</title></rect
              >`,
          ),
        ...marks.map(
          ({ at, name }) =>
            html`<line
                class="limit"
                x1="${round(at)}"
                x2="${round(at)}"
                y1="${margin.top}"
                y2="${height - margin.bottom}"
              />
              <text
                class="mark"
                x="${round(at)}"
                y="${margin.top - 4}"
                text-anchor="${at > width - 60 ? "end" : "middle"}"
                >${name}</text
              >`,
        ),
      ];
    },
  });
}
