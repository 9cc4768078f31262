import type { StressResult } from "../../actions/stress/result.ts";
import type { Measured } from "../../config/measured.ts";
import { shortRevision } from "../../release/revision.ts";
import { count, dated, latency, span } from "../../text/words.ts";
import { latencyHistogram } from "./histogram.ts";
import { type Html, html } from "./html.ts";
import { page } from "./page.ts";
import { deploymentText } from "./seconds.ts";
import { latencyTimeline, rateTimeline, secondTable } from "./timeline.ts";
import { statsSection } from "./stats-section.ts";
import { stepTable, stepTimeline } from "./step-timeline.ts";
import { table } from "./table.ts";

export type Ended = Exclude<StressResult, { readonly outcome: "planned" }>;

const verdicts: Readonly<Record<Ended["outcome"], string>> = {
  passed: "kept its budget",
  failed: "did not keep its budget",
  doubted: "kept its budget, which proves nothing",
  interrupted: "interrupted",
};

/** What was measured, as one file that opens from a disk: nothing in it is fetched, and nothing in it runs. */
export function stressPage(result: Ended): string {
  const { environment, revision, deployment, outcome, startedAt, seconds } = result;
  const title = `${environment} under load: ${shortRevision(revision)} ${verdicts[outcome]}`;
  return page(
    title,
    html`<header>
        <p class="where">${environment} · deployment ${deployment} · ${dated(startedAt)}</p>
        <h1>${shortRevision(revision)} <span class="verdict ${outcome}">${verdicts[outcome]}</span></h1>
        <p>${loadText(result)}</p>
      </header>
      <main>
        ${figures(result)} ${budgetSection(result)}
        <section>
          <h2>How long people waited</h2>
          ${keyOf(result)} ${latencyTimeline("latency", seconds, result)} ${stepTimeline("steps", seconds, result)}
          <h2>Requests a second</h2>
          <p class="key"><span class="good">answered</span> <span class="bad">errors</span></p>
          ${rateTimeline("rate", seconds, result)} ${secondTable(seconds)} ${stepTable(result)}
        </section>
        <section>
          <h2>How many waited how long</h2>
          ${latencyHistogram(result)}
        </section>
        ${measuredSection(result)} ${hostSection(result)} ${statsSection(result)}
      </main>
      <footer>
        <p>
          Requests were made when they were due, whether those before were answered or not. How long somebody waited
          counts from then until the last byte, so that whoever came while the server stalled is in these numbers. 99 of
          100 requests went out at most ${latency(result.lateMs)} late themselves.
        </p>
        <p>${revision} · ${result.bundle}</p>
      </footer>`,
  );
}

function keyOf({ deployments, before }: Ended): Html {
  const was = before === null ? html`` : html`<span class="before">p99 of the release before</span>`;
  const deploying = deployments.map((one) => html`<span class="deploying">${deploymentText(one)}</span>`);
  return html`<p class="key"><span class="p50">p50</span> <span class="p99">p99</span> ${was} ${deploying}</p>`;
}

function loadText({ rate, tookMs, targets }: Ended): string {
  return `${rate} requests a second for ${span(tookMs)}, at ${targets.map(({ url }) => url).join(", ")}`;
}

/** The numbers that are looked for first. */
function figures({ total, before }: Ended): Html {
  const one = (name: string, value: string, was: string | undefined, isBad = false): Html =>
    html`<div class="figure${isBad ? " wrong" : ""}">
      <dt>${name}</dt>
      <dd>${value}${was === undefined ? "" : html` <small>before ${was}</small>`}</dd>
    </div>`;
  const time = (of: "p50Ms" | "p99Ms" | "maxMs", name: string): Html =>
    one(name, timeText(total[of]), before === null ? undefined : timeText(before[of]));
  return html`<dl class="figures">
    ${one("requests", String(total.requests), undefined)}
    ${one("errors", String(total.errors), before === null ? undefined : String(before.errors), total.errors > 0)}
    ${time("p50Ms", "p50")} ${time("p99Ms", "p99")} ${time("maxMs", "longest")}
  </dl>`;
}

function budgetSection({ limits, errors, advice }: Ended): Html {
  return html`<section>
    <h2>Budget</h2>
    <ul class="limits">
      ${limits.map(({ limit, ok, says }) => html`<li class="${ok ? "kept" : "broken"}"><strong>${limit}</strong> ${ok ? "kept" : says}</li>`)}
      ${errors.map(({ says, count: times }) => html`<li class="broken">${says}, ${count(times, "time")}</li>`)}
      ${advice.map((sentence) => html`<li>${sentence}</li>`)}
    </ul>
  </section>`;
}

/** All, each request, and the release before. */
function measuredSection({ total, byRequest, byTarget, before }: Ended): Html {
  const rows = [
    row("all", total),
    ...byRequest.map((one) => row(`${one.method} ${one.path}`, one)),
    ...byTarget.map((one) => row(one.host ?? "the environment", one)),
    ...(before === null ? [] : [row(`${shortRevision(before.revision)}, the release before`, before)]),
  ];
  return html`<section>
    <h2>In numbers</h2>
    ${table("In numbers", ["of", "requests", "errors", "p50", "p90", "p99", "max"], rows)}
    ${before === null ? html`<p>Of the release before nothing is on record here.</p>` : html`<p>The release before was at ${before.rate} a second for ${span(before.durationMs)}, ${dated(before.at)}.</p>`}
  </section>`;
}

function row(name: string, { requests, errors, p50Ms, p90Ms, p99Ms, maxMs }: Measured): Html {
  const times = [p50Ms, p90Ms, p99Ms, maxMs].map((ms) => html`<td>${timeText(ms)}</td>`);
  return html`<tr>
    <th scope="row">${name}</th>
    <td>${requests}</td>
    <td class="${errors > 0 ? "wrong" : ""}">${errors}</td>
    ${times}
  </tr>`;
}

/** A line for each host: where one is slow, the others are not. */
function hostSection(result: Ended): Html {
  const hosts = result.byTarget.flatMap(({ host, ...measured }) => (host === null ? [] : [{ host, ...measured }]));
  if (hosts.length < 2) return html``;
  return html`<section>
    <h2>Host by host</h2>
    ${hosts.map(
      ({ host, seconds, p99Ms }, place) =>
        html`<h3>${host} <small>p99 ${timeText(p99Ms)}</small></h3>
          ${latencyTimeline(`host-${place}`, seconds, result, 120)}`,
    )}
  </section>`;
}

function timeText(ms: number | null): string {
  return ms === null ? "-" : latency(ms);
}
