import type { RolloutResult } from "../../fleet/result.ts";
import { shortDigest } from "../../image/digest.ts";
import type { Traffic } from "../../ledger/ledger.ts";
import { shortRevision } from "../../release/revision.ts";
import { count, took } from "../../text/words.ts";
import { nextLines } from "../next.ts";
import type { Paint, Render } from "../paint.ts";
import { table } from "../table.ts";
import { shipLines } from "./ships.ts";

/** What `deploy` and `rollback` print: what was done, host by host, and how to take it back. */
export const renderRollout: Render<RolloutResult> = (result, paint, columns) => {
  const revision = shortRevision(result.release.revision);
  const bundle = paint.dim(shortDigest(result.release.bundle));
  if (result.outcome === "already-running")
    return [
      paint.good(`${result.environment} already runs ${revision} on ${hostCount(result)}`) + ` ${bundle}`,
      paint.dim(`nothing was changed; ${result.next.join(", ")} does it again`),
    ];
  if (result.outcome === "planned")
    return [
      `${result.kind === "deploy" ? "Would deploy" : "Would roll back to"} ${paint.strong(revision)} ${result.kind === "deploy" ? "to" : "in"} ${result.environment} ${bundle}`,
      ...table(
        Object.entries(result.release.images).map(([service, digest]) => [
          `  ${service}`,
          paint.dim(shortDigest(digest)),
        ]),
      ),
      ...result.hosts.map(
        (host) => `  ${host.name} runs ${host.before === null ? "nothing" : shortRevision(host.before)} now`,
      ),
      ...stayingLines(result, paint),
      ...shipLines(result.ships, result.environment, paint),
      "Steps:",
      ...result.steps.map((step) => `  ${step}`),
      ...nextLines(result, paint, ""),
    ];
  const done = result.kind === "deploy" ? "runs" : "is back on";
  return [
    paint.good(`${result.environment} ${done} ${revision}`) + ` on ${hostCount(result)} ${bundle}`,
    ...hosts(result, paint, columns),
    ...trafficLines(result, paint),
    ...stayingLines(result, paint),
    paint.dim(`deployment ${result.number ?? ""}, ${took(result.tookMs)}`),
    ...(result.undo === null ? [] : [`undo: ${paint.strong(result.undo)}`]),
  ];
};

/** A rollback takes no migration back: whoever is back must know what the old release finds in the database. */
function stayingLines({ staying }: RolloutResult, paint: Paint): string[] {
  if (staying.length === 0) return [];
  const are = staying.length === 1 ? "stays" : "stay";
  return [
    paint.warn(`  ${count(staying.length, "migration")} of the newer release ${are}:`),
    ...staying.map((path) => `    ${path}`),
  ];
}

function hosts(result: RolloutResult, paint: Paint, columns: number | undefined): string[] {
  return table(
    result.hosts.map((host) => [
      `  ${host.name}`,
      paint.dim(host.name === host.id ? "" : host.id),
      host.before === null ? paint.dim("nothing before") : paint.dim(`was ${shortRevision(host.before)}`),
      host.url ?? "",
    ]),
    { columns, leave: [1] },
  );
}

/** What edges have counted while slots took over; nothing where no host has one. */
function trafficLines({ hosts }: RolloutResult, paint: Paint): string[] {
  const counted = hosts.flatMap(({ traffic }) => traffic ?? []);
  if (counted.length === 0) return [];
  const sum = (key: keyof Traffic): number => counted.reduce((all, one) => all + one[key], 0);
  const text = `${count(sum("requests"), "request")} meanwhile, ${sum("failed")} failed`;
  return [sum("failed") === 0 ? text : paint.warn(text)];
}

function hostCount({ hosts }: RolloutResult): string {
  return count(hosts.length, "host");
}
