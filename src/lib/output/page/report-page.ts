import { dirname, join, relative } from "node:path";
import type { ReportedPhase, ReportedRun, ReportResult } from "../../actions/report/result.ts";
import { shortRevision } from "../../release/revision.ts";
import { ago, dated, span, took } from "../../text/words.ts";
import { type Html, html } from "./html.ts";
import { page } from "./page.ts";
import { nameOf, tookText, trainTimeline } from "./train-timeline.ts";
import { table } from "./table.ts";

/** What a release went through, as a page. @param place absolute path of the page: links lead from there */
export function reportPage(result: ReportResult, place: string): string {
  const { runs, revision } = result;
  const what = revision === null ? "One run" : shortRevision(revision);
  const [first, last] = [runs[0], runs.at(-1)];
  const when = first === undefined ? "" : `${dated(first.startedAt)}, ${wholeOf(first, last)}`;
  return page(
    `${what}: what it went through`,
    html`<header>
        <p class="where">${when}</p>
        <h1>${what} <span class="verdict ${verdictOf(last)}">${endOf(last)}</span></h1>
      </header>
      <main>
        <section>
          <h2>Step by step</h2>
          <p class="key">
            <span class="good">went well</span> <span class="bad">did not</span>
            ${runs.some(({ exitCode }) => exitCode === null) ? html`<span class="open">has no end</span>` : html``}
            <span class="usual">when it usually ends</span>
          </p>
          ${trainTimeline(runs)}
        </section>
        ${runs.map((run, at) => runSection(run, runs[at - 1], (file) => linkTo(join(result.folder, run.run, file), place)))}
      </main>
      <footer>
        <p>
          The steps stand one after another, without the time between them. Usual is the median of earlier runs of the
          kind that went well here, where three of them tell.
        </p>
        <p>${revision ?? ""}</p>
      </footer>`,
  );
}

/** A file as seen from the page, so that a folder that is carried elsewhere keeps its links. */
function linkTo(file: string, place: string): string {
  return relative(dirname(place), file)
    .split("/")
    .map((part) => encodeURIComponent(part))
    .join("/");
}

function wholeOf(first: ReportedRun, last: ReportedRun | undefined): string {
  const until = Date.parse(last?.startedAt ?? "") + (last?.tookMs ?? 0);
  return `${span(until - Date.parse(first.startedAt))} from the first step to the end of the last`;
}

function verdictOf(run: ReportedRun | undefined): string {
  return run?.exitCode === 0 ? "passed" : run?.exitCode === null ? "doubted" : "failed";
}

function endOf(run: ReportedRun | undefined): string {
  if (run === undefined) return "";
  const { outcome } = run;
  return `${nameOf(run)}: ${outcome ?? "has no end"}`;
}

function runSection(run: ReportedRun, before: ReportedRun | undefined, link: (file: string) => string): Html {
  const { outcome, says, files, phases, url, startedAt } = run;
  const isWell = run.exitCode === 0;
  return html`<section>
    <h2>${nameOf(run)} <small class="${isWell ? "kept" : "broken"}">${outcome ?? "has no end"}</small></h2>
    <p>${dated(startedAt)}${waitedText(run, before)} · ${tookText(run)}</p>
    ${says === null ? html`` : html`<p class="broken">${says}</p>`} ${phaseTable(run, phases)}
    <ul class="files">
      ${files.map((file) => html`<li><a href="${link(file)}">${file}</a></li>`)}
      ${url === null ? html`` : html`<li><a href="${url}">the job</a></li>`}
    </ul>
  </section>`;
}

/** What lay between two steps. */
function waitedText({ startedAt }: ReportedRun, before: ReportedRun | undefined): string {
  if (before?.tookMs === undefined || before.tookMs === null) return "";
  const idle = Date.parse(startedAt) - Date.parse(before.startedAt) - before.tookMs;
  return idle < 60_000 ? "" : `, ${ago(idle).replace(" ago", "")} after ${nameOf(before)}`;
}

function phaseTable(run: ReportedRun, phases: readonly ReportedPhase[]): Html {
  if (phases.length === 0) return html``;
  const label = `Phases of ${nameOf(run)}, ${run.run}`;
  const rows = phases.map((one) => phaseRow(one));
  return table(label, ["phase", "after", "took", "usually"], rows, "phases");
}

function phaseRow({ phase, ok, beganMs, tookMs, usualMs }: ReportedPhase): Html {
  const mark = ok === false ? "✖ " : "";
  return html`<tr>
    <th scope="row">${mark}${phase}</th>
    <td>${took(beganMs)}</td>
    <td class="${ok === false ? "wrong" : ""}">${tookMs === null ? "has no end" : took(tookMs)}</td>
    <td>${usualMs === null ? "-" : took(usualMs)}</td>
  </tr>`;
}
