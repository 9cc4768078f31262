import { type ScaleLinear, scaleLinear, type ScaleLogarithmic, scaleLog } from "d3-scale";
import type { StressMeasured } from "../../actions/stress/result.ts";
import { latency } from "../../text/words.ts";
import { chart, margin, round, type Size, xAxis, yAxis } from "./chart.ts";
import { type Html, html } from "./html.ts";

type Latencies = StressMeasured["latencies"];

interface Scales {
  readonly x: ScaleLogarithmic<number, number>;
  readonly y: ScaleLinear<number, number>;
}

/** How many answers took about how long; times grow tenfold from mark to mark, so that a slow tail is seen beside the many. */
export function latencyHistogram({ latencies, total }: Pick<StressMeasured, "latencies" | "total">): Html {
  const [first, last] = [latencies[0], latencies.at(-1)];
  if (first === undefined || last === undefined) return html`<p>Nothing was answered.</p>`;
  const bounds = [Math.min(first.overMs, 1), Math.max(last.upToMs, 10)] as const;
  const most = Math.max(...latencies.map(({ count }) => count));
  const says = `How many answers took about how long, from ${latency(first.overMs)} to ${latency(last.upToMs)}.`;
  return chart("histogram", 220, {
    says,
    inside: (size) => {
      const { width, height } = size;
      const x = scaleLog(bounds, [margin.left, width - margin.right]);
      const y = scaleLinear([0, most], [height - margin.bottom, margin.top]).nice(4);
      const counts = y.ticks(4).map((value) => ({ at: y(value), text: String(value) }));
      return [
        ...yAxis(counts, size),
        ...xAxis(timeTicks(x, size), size),
        ...bars(latencies, { x, y }),
        ...percentile("p50", total.p50Ms, x, size),
        ...percentile("p99", total.p99Ms, x, size),
      ];
    },
  });
}

/** 1, 5, 10, 50 …, on a telephone 1, 10 … */
function timeTicks(x: Scales["x"], { name }: Size): readonly { readonly at: number; readonly text: string }[] {
  const isShown = name === "wide" ? /^[15]0*$|^0\.[15]$/ : /^10*$|^0\.1$/;
  return x
    .ticks()
    .filter((ms) => isShown.test(String(ms)))
    .map((ms) => ({ at: x(ms), text: ms >= 1000 ? `${ms / 1000} s` : `${ms} ms` }));
}

function bars(latencies: Latencies, { x, y }: Scales): readonly Html[] {
  return latencies
    .filter(({ count }) => count > 0)
    .map(({ overMs, upToMs, count }) => {
      // One answer among thousands is still to be seen.
      const [wide, tall] = [Math.max(1, x(upToMs) - x(overMs) - 1), Math.max(1, y(0) - y(count))];
      const at = html`x="${round(x(overMs))}" y="${round(y(0) - tall)}"`;
      const says = `${count} from ${latency(overMs)} to ${latency(upToMs)}`;
      return html`<rect class="good" ${at} width="${round(wide)}" height="${round(tall)}"
        ><title>${says}</title></rect
      >`;
    });
}

function percentile(name: string, ms: number | null, x: Scales["x"], { width, height }: Size): readonly Html[] {
  if (ms === null) return [];
  const at = Math.max(margin.left, x(Math.max(ms, 0.1)));
  const anchor = at > width - 60 ? "end" : "middle";
  return [
    html`<line class="limit" x1="${round(at)}" x2="${round(at)}" y1="${margin.top}" y2="${height - margin.bottom}" />`,
    html`<text class="mark" x="${round(at)}" y="${margin.top - 4}" text-anchor="${anchor}">${name}</text>`,
  ];
}
