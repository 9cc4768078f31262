import { hostsText, limitsText } from "../../actions/rehearse/plan.ts";
import type { HeldLock, RehearsalPhase, RehearseResult } from "../../actions/rehearse/result.ts";
import { shortRevision } from "../../release/revision.ts";
import { count, dated, latency, took } from "../../text/words.ts";
import { nextLines } from "../next.ts";
import type { Paint, Render } from "../paint.ts";
import { table } from "../table.ts";

/** Whether the limits were kept, and why not; then what was going on when, with the requests of that time. */
export const renderRehearse: Render<RehearseResult> = (result, paint, columns) => {
  const { environment, from, to, hosts } = result;
  const what = `${shortRevision(to.revision)} over ${shortRevision(from.revision)} (#${from.deployment}), as in ${paint.strong(environment)}`;
  if (result.outcome === "planned")
    return [
      `Would rehearse ${what}`,
      `  ${hostsText(hosts)}`,
      ...result.steps.map((step, index) => `  ${index + 1}. ${step}`),
      `  to keep ${limitsText(result)}`,
      ...nextLines(result, paint),
    ];
  const { total, outcome, says, noRollback } = result;
  const load = `${count(total.requests, "request")}, ${total.errors} failed, in ${took(result.tookMs)} on ${count(hosts.count, "host")}`;
  return [
    outcome === "passed" ? `${paint.good("✔")} ${what}: ${load}` : `${paint.bad("✖")} ${what}: ${says}`,
    ...(outcome === "passed" ? [] : [`  ${load}`]),
    ...table(rowsOf(result, paint), { columns, leave: [2] }),
    ...(hosts.says === "" ? [] : [paint.dim(`  ${hostsText(hosts)}`)]),
    ...(noRollback === "" ? [] : [paint.dim(`  nothing was rolled back: ${noRollback}`)]),
    ...lockLines(result.locks, paint),
    ...memoryLine(result, paint),
    ...lastLine(result, paint),
    ...limitLines(result, paint),
    ...(result.recorded ? [paint.dim("  on record for a gate that asks for it")] : []),
    ...nextLines(result, paint),
  ];
};

type Ended = Exclude<RehearseResult, { readonly outcome: "planned" }>;

function rowsOf({ phases }: Ended, paint: Paint): string[][] {
  const head = ["", "took", "last", "requests", "failed", "longest wait"].map((text) => paint.dim(text));
  return [head, ...phases.filter(isShown).map((phase) => rowOf(phase, paint))];
}

/** What is over at once, and in which nobody asked, nobody needs to read. */
function isShown({ tookMs, requests }: RehearsalPhase): boolean {
  return tookMs > 0 || requests > 0;
}

const alone: Readonly<Record<RehearsalPhase["part"], string>> = {
  before: "what runs now",
  deploy: "deploy",
  served: "the release",
  rollback: "rollback",
  after: "what came back",
};

function rowOf({ part, step, tookMs, lastMs, requests, errors, maxMs }: RehearsalPhase, paint: Paint): string[] {
  return [
    `  ${alone[part]}${step === "" ? "" : `: ${step}`}`,
    took(tookMs),
    lastMs === null ? "-" : took(lastMs),
    String(requests),
    errors === 0 ? "0" : paint.bad(String(errors)),
    maxMs === null ? "-" : latency(maxMs),
  ];
}

/** What the first line says is not said again. */
function limitLines({ limits, says }: Ended, paint: Paint): string[] {
  return limits.map(({ limit, ok, says: why }) => {
    if (ok) return paint.good(`  ✔ ${limit}`);
    return paint.bad(`  ✖ ${limit}${why === says ? "" : `: ${why}`}`);
  });
}

function lockLines(locks: readonly HeldLock[] | null, paint: Paint): string[] {
  if (locks === null) return [paint.dim("  locks: not seen, no PostgreSQL of the sandbox tells (sandbox.services)")];
  if (locks.length === 0) return [paint.dim("  locks: none that keeps others from a table was seen while it migrated")];
  return locks.map(
    ({ table: name, mode, heldMs, waiting }) =>
      `  lock: ${name} for ${took(heldMs)} (${mode})${waiting === 0 ? "" : `, ${count(waiting, "other")} waited`}`,
  );
}

function memoryLine({ memory }: Ended, paint: Paint): string[] {
  if (memory === null) return [];
  const text = (bytes: number): string => `${Math.round(bytes / 2 ** 20)} MiB`;
  return [
    paint.dim(`  memory of a host: ${text(memory.beforeBytes)}, with both slots ${text(memory.mostBytes)} at most`),
  ];
}

function lastLine({ last }: Ended, paint: Paint): string[] {
  if (last === null) return [];
  const { number, revision, at, tookMs, requests, failed, longestGapMs } = last;
  const parts = [
    ...(tookMs === null ? [] : [took(tookMs)]),
    ...(requests === null ? [] : [`${count(requests, "request")}, ${failed ?? 0} failed`]),
    ...(longestGapMs === null ? [] : [`longest wait without an answer ${latency(longestGapMs)}`]),
  ];
  const seen = parts.length === 0 ? "" : `: ${parts.join(" · ")}`;
  return [paint.dim(`  last: ${shortRevision(revision)} (#${number}), ${dated(at)}${seen}`)];
}
