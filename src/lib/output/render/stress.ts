import type { StressMeasured, StressResult } from "../../actions/stress/result.ts";
import type { Measured } from "../../config/measured.ts";
import { shortRevision } from "../../release/revision.ts";
import { count, dated, latency, span } from "../../text/words.ts";
import { nextLines } from "../next.ts";
import type { Paint, Render } from "../paint.ts";
import { table } from "../table.ts";
import { statsLines } from "./stress-stats.ts";

/** Whether the budget was kept, then what was measured: all, each request, each host, and the release before. */
export const renderStress: Render<StressResult> = (result, paint, columns) => {
  const { environment, revision, deployment, rate, durationMs, budget, requests, targets } = result;
  const what = `${shortRevision(revision)} in ${paint.strong(environment)} (#${deployment})`;
  if (result.outcome === "planned")
    return [
      `Would put ${what} under load: ${rate} requests a second for ${span(durationMs)}`,
      `  at ${targets.map(({ url }) => url).join(", ")}`,
      ...requests.map(({ method, path, share }) => `  ${String(share).padStart(5)} % ${method} ${path}`),
      `  to keep ${budget}`,
      "  meanwhile asking each host what its containers take",
      ...nextLines(result, paint),
    ];
  return [
    headline(result, what, paint),
    ...table(rowsOf(result, paint), { columns, leave: [4, 6] }),
    ...beforeLine(result, paint),
    ...statsLines(result.stats, paint, columns),
    ...limitLines(result, paint),
    ...result.errors.map(({ says, count: times }) =>
      paint.bad(`  ${says}: ${times} times`.replace(/: 1 times$/, ": once")),
    ),
    ...(result.recorded ? [paint.dim("  on record for gates that ask for it")] : []),
    ...(result.report === null ? [] : [`  report: ${result.report}`]),
    ...nextLines(result, paint),
  ];
};

type Ended = Exclude<StressResult, { readonly outcome: "planned" }>;

function headline({ outcome, total, rate, tookMs }: Ended, what: string, paint: Paint): string {
  const load = `${count(total.requests, "request")} in ${span(tookMs)}, ${rate} a second`;
  if (outcome === "passed") return `${paint.good("✔")} ${what} has kept its budget: ${load}`;
  if (outcome === "doubted") return `${paint.warn("?")} ${what} has kept its budget, which proves nothing: ${load}`;
  if (outcome === "failed") return `${paint.bad("✖")} ${what} has not kept its budget: ${load}`;
  return paint.warn(`Interrupted: ${what} until then, ${load}`);
}

function rowsOf({ total, byRequest, byTarget, before }: StressMeasured, paint: Paint): string[][] {
  const names = new Set(byRequest.map(({ path }) => path));
  return [
    ["", "requests", "errors", "p50", "p90", "p99", "max"].map((head) => paint.dim(head)),
    rowOf("all", total, paint),
    ...(byRequest.length < 2
      ? []
      : byRequest.map((one) =>
          rowOf(names.size < byRequest.length ? `${one.method} ${one.path}` : one.path, one, paint),
        )),
    ...(byTarget.length < 2 ? [] : byTarget.map((one) => rowOf(one.host ?? "", one, paint))),
    ...(before === null ? [] : [rowOf(`${shortRevision(before.revision)} before`, before, paint)]),
  ];
}

function beforeLine({ before }: StressMeasured, paint: Paint): string[] {
  if (before === null) return [];
  const { revision, rate, durationMs, at } = before;
  return [paint.dim(`  ${shortRevision(revision)} was at ${rate} a second for ${span(durationMs)}, ${dated(at)}`)];
}

function rowOf(name: string, measured: Measured, paint: Paint): string[] {
  const { requests, errors, p50Ms, p90Ms, p99Ms, maxMs } = measured;
  const wrong = errors === 0 ? "0" : paint.bad(String(errors));
  const times = [p50Ms, p90Ms, p99Ms, maxMs].map((ms) => (ms === null ? "-" : latency(ms)));
  return [`  ${name}`, String(requests), wrong, ...times];
}

function limitLines({ limits }: StressMeasured, paint: Paint): string[] {
  return limits.map(({ limit, ok, says }) => (ok ? paint.good(`  ✔ ${limit}`) : paint.bad(`  ✖ ${limit}: ${says}`)));
}
