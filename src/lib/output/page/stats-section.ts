import type { HostStats, StressMeasured } from "../../actions/stress/result.ts";
import { count, mebibytes, percent } from "../../text/words.ts";
import { type Html, html } from "./html.ts";
import { kindOf, type Measure, secondsOf, type Services, statsChart } from "./stats-chart.ts";
import { table } from "./table.ts";

type Measured = Pick<StressMeasured, "stats" | "seconds" | "startedAt" | "deployments" | "before">;

const measures: Readonly<Record<"cpu" | "memory", Measure>> = {
  cpu: { name: "CPU", of: ({ cpuPercent }) => cpuPercent, text: percent },
  memory: { name: "Memory", of: ({ memoryBytes }) => memoryBytes / 2 ** 20, text: (mib) => mebibytes(mib * 2 ** 20) },
};

/** What the application's containers took of each host, or why that is not known. */
export function statsSection(measured: Measured): Html {
  if (measured.stats.length === 0) return html``;
  const names = [
    ...new Set(measured.stats.flatMap(({ services }) => (services ?? []).map(({ service }) => service))),
  ].toSorted();
  return html`<section>
    <h2>What containers took</h2>
    <p>
      100 % of CPU is one core. Seconds count from when a host began to sample, a second or two after the first request.
    </p>
    ${measured.stats.map((one, place) => hostPart(one, { names, place, measured }))}
  </section>`;
}

interface Part {
  /** Of every service on the page. */
  readonly names: readonly string[];
  readonly place: number;
  readonly measured: Measured;
}

function hostPart({ host, silence, samples, missed, services }: HostStats, { names, place, measured }: Part): Html {
  if (services === null) return html`<h3>${host} <small>not known: ${silence ?? "no answer"}</small></h3>`;
  const some = count(samples ?? 0, "sample");
  const told = missed === null || missed === 0 ? some : `${some}, of which docker did not answer ${missed}`;
  if (services.length === 0) return html`<h3>${host} <small>no container ran, ${told}</small></h3>`;
  const at = { host, names, seconds: measured.seconds, timed: measured };
  return html`<h3>${host} <small>${told}</small></h3>
    <p class="key">${services.map(({ service }) => html`<span class="${kindOf(service, names)}">${service}</span>`)}</p>
    <p>CPU, in % of a core</p>
    ${statsChart(services, measures.cpu, { ...at, id: `cpu-${place}` })}
    <p>Memory, in MiB</p>
    ${statsChart(services, measures.memory, { ...at, id: `memory-${place}` })} ${figureTable(host, services)}
    ${pointTable(host, services)}`;
}

function figureTable(host: string, services: Services): Html {
  const rows = services.map(
    ({ service, samples, cpuPercent, memoryBytes }) =>
      html`<tr>
        <th scope="row">${service}</th>
        <td>${samples}</td>
        <td>${percent(cpuPercent.mean)}</td>
        <td>${percent(cpuPercent.peak)}</td>
        <td>${mebibytes(memoryBytes.mean)}</td>
        <td>${mebibytes(memoryBytes.peak)}</td>
      </tr>`,
  );
  const columns = ["service", "samples", "CPU, mean", "CPU, peak", "memory, mean", "memory, peak"];
  return table(`What containers took of ${host}`, columns, rows);
}

/** For whoever reads a table rather than a chart. */
function pointTable(host: string, services: Services): Html {
  const seconds = secondsOf(services);
  const rows = seconds.map(
    (second) =>
      html`<tr>
        <th scope="row">${second}</th>
        ${services.map(({ points }) => {
          const point = points.find((one) => one.second === second);
          return point === undefined
            ? html`<td>-</td>
                <td>-</td>`
            : html`<td>${percent(point.cpuPercent)}</td>
                <td>${mebibytes(point.memoryBytes)}</td>`;
        })}
      </tr>`,
  );
  const columns = services.flatMap(({ service }) => [`${service} CPU`, `${service} memory`]);
  return html`<details>
    <summary>The same as a table, ${count(seconds.length, "point")}</summary>
    ${table(`What containers took of ${host}, second by second`, ["second", ...columns], rows)}
  </details>`;
}
