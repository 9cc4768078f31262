import { leftOutText } from "../../fleet/out-of-reach.ts";
import type { RolloutResult } from "../../fleet/result.ts";
import { contractsIn } from "../../release/migrations.ts";
import { shortRevision } from "../../release/revision.ts";
import { count, took } from "../../text/words.ts";
import { plainPaint } from "../paint.ts";
import { holdTexts } from "../render/hold.ts";
import { taskLines, timingLine, trafficLines } from "../render/measured.ts";
import { code, plain, table } from "./markdown.ts";
import type { Summary } from "./summary.ts";

/** What `deploy` and `rollback` have done, host by host, and how to take it back. */
export function rolloutSummary(result: RolloutResult): Summary {
  const { outcome, environment, number, release, rollbackOf, undo, tookMs, timings } = result;
  return {
    title: titleOf(result),
    facts: [
      ["outcome", outcome],
      ["environment", code(environment)],
      ["release", code(release.revision)],
      ["bundle", code(release.bundle)],
      ["deployment", number === null ? "" : `${number}${rollbackOf === null ? "" : `, rollback of ${rollbackOf}`}`],
      ["left out", cell(result.leftOut.map(leftOutText))],
      ["hold", cell(holdCell(result))],
      ["requests", cell(trafficLines(result.hosts, plainPaint))],
      ["tasks", cell(taskLines(result.hosts, plainPaint))],
      ["migrations", migrations(result)],
      ["took", outcome === "deployed" ? cell([took(tookMs), ...timingLine(timings, plainPaint)]) : ""],
      ["undo", code(undo ?? "")],
    ],
    more: [hosts(result)],
  };
}

function titleOf({ outcome, kind, environment, release }: RolloutResult): string {
  const [where, what] = [code(environment), code(shortRevision(release.revision))];
  if (outcome === "already-running") return `✔ ${where} already runs ${what}`;
  if (outcome === "behind") return `✔ ${where}: that step of ${what} is behind already`;
  if (outcome === "planned")
    return kind === "deploy" ? `would deploy ${what} to ${where}` : `would roll ${where} back to ${what}`;
  return kind === "deploy" ? `✔ ${where} runs ${what}` : `✔ ${where} is back on ${what}`;
}

function holdCell(result: RolloutResult): string[] {
  const { holds, lifts } = holdTexts(result);
  return [...(holds === undefined ? [] : [holds]), ...(lifts === undefined ? [] : [`lifts ${lifts}`])];
}

/** The same words as on a terminal, each of its lines a line of the cell. */
function cell(lines: readonly string[]): string {
  return lines.map((line) => plain(line)).join("<br>");
}

function migrations({ kind, migrations: change, staying }: RolloutResult): string {
  const { added = [], dropped = [] } = change ?? {};
  const contracts = contractsIn(kind === "deploy" ? added : dropped);
  return [
    ...(added.length === 0 ? [] : [`${count(added.length, "migration")} added`]),
    ...(staying.length === 0 ? [] : [`${count(staying.length, "migration")} of the newer release not reversed`]),
    ...(contracts.length === 0 ? [] : [`contract: ${contracts.map(code).join(", ")}`]),
  ].join(", ");
}

function hosts({ hosts: all, outcome }: RolloutResult): string {
  const rows = all.map(({ id, name, url, before, state, traffic }) => [
    plain(name),
    code(id),
    before === null ? "nothing" : code(shortRevision(before)),
    outcome === "planned" ? "" : state,
    plain(url ?? ""),
    traffic === null ? "" : `${traffic.requests}, ${traffic.failed} failed`,
  ]);
  return table(["host", "id", "before", "state", "address", "requests"], rows);
}
