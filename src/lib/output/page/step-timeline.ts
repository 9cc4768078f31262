import type { StressDeployment, StressStep } from "../../actions/stress/result.ts";
import { count, took } from "../../text/words.ts";
import { chart, margin, round, type Size } from "./chart.ts";
import { type Html, html } from "./html.ts";
import { deploymentText, secondAt, type Seconds, scales, type Timed } from "./seconds.ts";
import { table } from "./table.ts";

const rowHeight = 22;
/** So wide a letter of a step's name is drawn. */
const letterWidth = 6.5;

/** What the hosts were at when, a row for each deployment, below the seconds in which it was. */
export function stepTimeline(id: string, seconds: Seconds, timed: Timed): Html {
  const told = timed.deployments.filter(({ steps }) => steps.length > 0);
  if (told.length === 0) return html``;
  const says = told.map((one) => `Steps of ${deploymentText(one)}: ${one.steps.map(sayStep(timed)).join(", ")}.`);
  return chart(id, told.length * rowHeight + 4, {
    says: says.join(" "),
    inside: (size) =>
      told.flatMap(({ steps }, row) =>
        steps.flatMap((one) => stepBar(one, { timed, top: row * rowHeight, seconds, size })),
      ),
  });
}

/** Where each step began, on a chart of seconds. */
export function stepMarks(timed: Timed, seconds: Seconds, size: Size): readonly Html[] {
  const { x } = scales(seconds, 1, size);
  return timed.deployments
    .flatMap(({ steps }) => steps.map(({ begunAt }) => secondAt(begunAt, timed)))
    .filter((second) => second > 0 && second < seconds.length)
    .map((second) => {
      const at = round(x(second));
      return html`<line class="begun" x1="${at}" x2="${at}" y1="${margin.top}" y2="${size.height - margin.bottom}" />`;
    });
}

/** For whoever reads a table rather than a chart. */
export function stepTable(timed: Timed): Html {
  const rows = timed.deployments.flatMap((deployment) =>
    deployment.steps.map((one) => stepRow(deployment, one, timed)),
  );
  if (rows.length === 0) return html``;
  return html`<details>
    <summary>What deployments were at, ${count(rows.length, "step")}</summary>
    ${table("Steps of deployments", ["deployment", "step", "from second", "took"], rows)}
  </details>`;
}

function stepRow(deployment: StressDeployment, { step, begunAt, tookMs }: StressStep, timed: Timed): Html {
  return html`<tr>
    <th scope="row">${deploymentText(deployment)}</th>
    <td>${step}</td>
    <td>${secondAt(begunAt, timed).toFixed(1)}</td>
    <td>${took(tookMs)}</td>
  </tr>`;
}

function sayStep(timed: Timed): (step: StressStep) => string {
  return ({ step, begunAt, tookMs }) =>
    `${step} from second ${secondAt(begunAt, timed).toFixed(1)} for ${took(tookMs)}`;
}

interface Place {
  readonly timed: Timed;
  readonly top: number;
  readonly seconds: Seconds;
  readonly size: Size;
}

/** What lies beyond the seconds is cut; a name is written where it has room. */
function stepBar({ step, begunAt, tookMs }: StressStep, { timed, top, seconds, size }: Place): readonly Html[] {
  const { x } = scales(seconds, 1, size);
  const begin = secondAt(begunAt, timed);
  const end = begin + tookMs / 1000;
  if (end <= 0 || begin >= seconds.length) return [];
  const [left, right] = [x(Math.max(0, begin)), x(Math.min(seconds.length, end))];
  const wide = Math.max(1.5, right - left);
  const name =
    wide < step.length * letterWidth + 6
      ? []
      : [html`<text class="step-name" x="${round(left + 4)}" y="${top + 15}">${step}</text>`];
  return [
    html`<rect class="step" x="${round(left)}" y="${top + 1}" width="${round(wide)}" height="18" rx="2" />`,
    ...name,
  ];
}
