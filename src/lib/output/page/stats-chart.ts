import { line } from "d3-shape";
import type { ServiceStats, StatsPoint } from "../../script/stats-report.ts";
import { chart, round, xAxis, yAxis } from "./chart.ts";
import { type Html, html } from "./html.ts";
import { type Seconds, scales, type Timed } from "./seconds.ts";
import { bands, secondTicks } from "./timeline.ts";

export type Services = readonly ServiceStats[];

/** One of the two that are drawn. */
export interface Measure {
  readonly name: string;
  readonly of: (point: Pick<StatsPoint, "cpuPercent" | "memoryBytes">) => number;
  /** For people, of what `of` tells. */
  readonly text: (value: number) => string;
}

/** On which page, and of which time. */
export interface StatsPlace {
  readonly id: string;
  readonly host: string;
  /** Of every service on the page. */
  readonly names: readonly string[];
  readonly seconds: Seconds;
  readonly timed: Timed;
}

/** So many lines look different; those after them begin again. */
const kinds = 6;

/** How the line of a service looks: on all hosts alike. @param names of every service on the page */
export function kindOf(service: string, names: readonly string[]): string {
  return `took-${names.indexOf(service) % kinds}`;
}

/** A line for each service; where none of its containers ran there is none. */
export function statsChart(services: Services, { name, of, text }: Measure, place: StatsPlace): Html {
  const { id, host, names, seconds, timed } = place;
  const shown = services.map(({ service, points }) => ({
    kind: kindOf(service, names),
    points: points.map((point) => ({ second: point.second, value: of(point) })),
  }));
  const most = Math.max(0.1, ...shown.flatMap(({ points }) => points.map(({ value }) => value)));
  const highest = services.map(({ service, points }) => `${service} ${text(Math.max(0, ...points.map(of)))}`);
  const sampled = secondsOf(services);
  return chart(id, 120, {
    says: `${name} of the containers on ${host}, second by second, at most: ${highest.join(", ")}.`,
    inside: (size) => {
      const { x, y } = scales(seconds, most, size);
      const path = line<Drawn>()
        .x(({ second }) => round(x(Math.min(second, seconds.length))))
        .y(({ value }) => round(y(value)));
      return [
        ...bands(timed, seconds, size),
        ...yAxis(
          y.ticks(2).map((value) => ({ at: y(value), text: String(value) })),
          size,
        ),
        ...xAxis(secondTicks(seconds, size), size),
        ...shown.flatMap(({ kind, points }) =>
          runsOf(points, sampled).map((run) => html`<path class="line ${kind}" d="${path([...run]) ?? ""}" />`),
        ),
      ];
    },
  });
}

interface Drawn {
  readonly second: number;
  readonly value: number;
}

/** When the host was sampled. */
export function secondsOf(services: Services): readonly number[] {
  const seconds = new Set(services.flatMap(({ points }) => points.map(({ second }) => second)));
  return [...seconds].toSorted((one, other) => one - other);
}

/** Points between which nothing is missing: a line over a gap would tell of what nobody has seen. */
export function runsOf(points: readonly Drawn[], sampled: readonly number[]): readonly (readonly Drawn[])[] {
  const runs: Drawn[][] = [];
  const bySecond = new Map(points.map((point) => [point.second, point]));
  let isOpen = false;
  for (const second of sampled) {
    const point = bySecond.get(second);
    if (point !== undefined && isOpen) runs.at(-1)?.push(point);
    else if (point !== undefined) runs.push([point]);
    isOpen = point !== undefined;
  }
  return runs;
}
