import { area, line } from "d3-shape";
import type { StressSecond } from "../../actions/stress/result.ts";
import { count, latency, span } from "../../text/words.ts";
import { chart, margin, round, type Size, xAxis, yAxis } from "./chart.ts";
import { type Html, html } from "./html.ts";
import { deploymentText, secondAt, type Seconds, scales, type Timed } from "./seconds.ts";
import { stepMarks } from "./step-timeline.ts";
import { table } from "./table.ts";

/** How long people waited, second by second: half of them, and the slowest of a hundred. */
export function latencyTimeline(id: string, seconds: Seconds, timed: Timed, height = 240): Html {
  const before = timed.before?.p99Ms ?? undefined;
  const most = Math.max(1, ...seconds.map(({ p99Ms }) => p99Ms ?? 0));
  const worst = seconds.reduce((at, { p99Ms }, index) => ((p99Ms ?? 0) > (seconds[at]?.p99Ms ?? 0) ? index : at), 0);
  const says = `Latency second by second: p99 is at most ${latency(most)}, in second ${worst + 1} of ${seconds.length}${before === undefined ? "" : `; that of the release before was ${latency(before)}`}.`;
  return chart(id, height, {
    says,
    inside: (size) => {
      const { x, y } = scales(seconds, Math.max(most, before ?? 0), size);
      const path = (of: "p50Ms" | "p99Ms"): string =>
        line<StressSecond>()
          .defined((one) => one[of] !== null)
          .x((_, index) => round(x(index + 0.5)))
          .y((one) => round(y(one[of] ?? 0)))([...seconds]) ?? "";
      const between =
        area<StressSecond>()
          .defined(({ p50Ms, p99Ms }) => p50Ms !== null && p99Ms !== null)
          .x((_, index) => round(x(index + 0.5)))
          .y0(({ p50Ms }) => round(y(p50Ms ?? 0)))
          .y1(({ p99Ms }) => round(y(p99Ms ?? 0)))([...seconds]) ?? "";
      return [
        ...bands(timed, seconds, size),
        ...stepMarks(timed, seconds, size),
        ...yAxis(
          y.ticks(height > 150 ? 4 : 2).map((ms) => ({ at: y(ms), text: tickText(ms) })),
          size,
        ),
        ...xAxis(secondTicks(seconds, size), size),
        html`<path class="between" d="${between}" />`,
        ...(before === undefined ? [] : [levelOf(y(before), size)]),
        html`<path class="line p99" d="${path("p99Ms")}" />`,
        html`<path class="line p50" d="${path("p50Ms")}" />`,
      ];
    },
  });
}

/** As slow as the release before was. */
function levelOf(at: number, { width }: Size): Html {
  return html`<line
    class="limit"
    x1="${margin.left}"
    x2="${width - margin.right}"
    y1="${round(at)}"
    y2="${round(at)}"
  />`;
}

/** How many were answered as they should be, and how many were not, second by second. */
export function rateTimeline(id: string, seconds: Seconds, timed: Timed): Html {
  const most = Math.max(1, ...seconds.map(({ requests }) => requests));
  const wrong = seconds.reduce((sum, { errors }) => sum + errors, 0);
  const bad = seconds.filter(({ errors }) => errors > 0).length;
  const says = `Requests second by second, at most ${most}: ${count(wrong, "error")}${wrong === 0 ? "" : ` in ${count(bad, "second")}`}.`;
  return chart(id, 150, {
    says,
    inside: (size) => {
      const { x, y } = scales(seconds, most, size);
      const wide = Math.max(0.5, x(1) - x(0) - (seconds.length > 120 ? 0 : 1));
      const bar = (kind: "good" | "bad", place: number, from: number, to: number): Html[] => {
        if (to <= from) return [];
        // One error among thousands is still to be seen.
        const tall = Math.max(kind === "bad" ? 4 : 0, y(from) - y(to));
        return [
          html`<rect
            class="${kind}"
            x="${round(x(place))}"
            y="${round(y(from) - tall)}"
            width="${round(wide)}"
            height="${round(tall)}"
          />`,
        ];
      };
      return [
        ...bands(timed, seconds, size),
        ...yAxis(
          y.ticks(3).map((value) => ({ at: y(value), text: String(value) })),
          size,
        ),
        ...xAxis(secondTicks(seconds, size), size),
        ...seconds.flatMap(({ requests, errors }, place) => [
          ...bar("good", place, errors, requests),
          ...bar("bad", place, 0, errors),
        ]),
      ];
    },
  });
}

/** Seconds below a chart, as many as there is room for. */
export function secondTicks(seconds: Seconds, size: Size): readonly { readonly at: number; readonly text: string }[] {
  const { x } = scales(seconds, 1, size);
  return x
    .ticks(size.name === "wide" ? 10 : 5)
    .filter(Number.isInteger)
    .map((value) => ({ at: x(value), text: `${value} s` }));
}

/** So much room a deployment's name needs. */
const textWidth = 200;

/** When somebody deployed. */
export function bands(timed: Timed, seconds: Seconds, size: Size): readonly Html[] {
  const { x } = scales(seconds, 1, size);
  return timed.deployments.map(({ begunAt, endedAt, ...deployment }) => {
    const begin = Math.max(0, secondAt(begunAt, timed));
    const end = Math.min(seconds.length, endedAt === null ? seconds.length : secondAt(endedAt, timed));
    const [left, right] = [x(begin), x(Math.max(begin, end))];
    const isRight = left > size.width - textWidth;
    return html`<rect
        class="deploying"
        x="${round(left)}"
        y="${margin.top}"
        width="${round(Math.max(2, right - left))}"
        height="${size.height - margin.top - margin.bottom}"
      />
      <text
        class="mark"
        x="${round(isRight ? size.width - margin.right : left + 4)}"
        y="${margin.top - 4}"
        text-anchor="${isRight ? "end" : "start"}"
        >${deploymentText(deployment)}</text
      >`;
  });
}

/** A number beside an axis: as short as it is round. */
function tickText(ms: number): string {
  return ms >= 1000 ? `${ms / 1000} s` : `${ms} ms`;
}

/** For whoever reads a table rather than a chart. */
export function secondTable(seconds: Seconds): Html {
  const rows = seconds.map(
    ({ requests, errors, p50Ms, p99Ms, maxMs }, place) =>
      html`<tr>
        <th scope="row">${place + 1}</th>
        <td>${requests}</td>
        <td>${errors}</td>
        ${[p50Ms, p99Ms, maxMs].map((ms) => html`<td>${ms === null ? "-" : latency(ms)}</td>`)}
      </tr>`,
  );
  return html`<details>
    <summary>The same as a table, ${span(seconds.length * 1000)}</summary>
    ${table("Second by second", ["second", "requests", "errors", "p50", "p99", "max"], rows)}
  </details>`;
}
