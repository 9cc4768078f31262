import { membersText } from "../../fleet/hosts.ts";
import { leftOutText } from "../../fleet/out-of-reach.ts";
import type { RolloutResult } from "../../fleet/result.ts";
import { stepText } from "../../fleet/step-text.ts";
import { shortDigest } from "../../image/digest.ts";
import { contractsIn } from "../../release/migrations.ts";
import { shortRevision } from "../../release/revision.ts";
import { count, list, took } from "../../text/words.ts";
import { nextLines } from "../next.ts";
import type { Paint, Render } from "../paint.ts";
import { table } from "../table.ts";
import { type Addresses, addressLine } from "./address.ts";
import { environmentLines } from "./environment.ts";
import { holdLines } from "./hold.ts";
import { taskLines, timingLine, trafficLines } from "./measured.ts";
import { shipLines } from "./ships.ts";

/** What `deploy` and `rollback` print: what was done, host by host, where it answers, and how to take it back. */
export function rolloutRenderer(addresses: Addresses): Render<RolloutResult> {
  return (result, paint, columns) => {
    const address = addressLine(result.environment, addresses, paint);
    if (result.outcome === "already-running")
      return [
        paint.good(`${result.environment} already runs ${releaseOf(result)} on ${hostCount(result)}`) +
          ` ${bundleOf(result, paint)}`,
        paint.dim("nothing was changed"),
        ...result.next.map((command) => `again: ${paint.strong(command)}`),
        ...leftOutLines(result, paint),
        ...result.advice.map((sentence) => `  ${sentence}`),
        ...address,
      ];
    if (result.outcome === "behind") return [...result.advice, ...nextLines(result, paint, "")];
    if (result.outcome === "planned") return planned(result, paint);
    const onwards = nextLines({ next: result.next, advice: [] }, paint, "");
    return [...finished(result, paint, columns), ...address, ...undoLine(result, paint), ...onwards];
  };
}

function planned(result: RolloutResult, paint: Paint): string[] {
  const would = result.kind === "deploy" ? ["Would deploy", "to"] : ["Would roll back to", "in"];
  return [
    `${would[0]} ${paint.strong(releaseOf(result))} ${would[1]} ${result.environment} ${bundleOf(result, paint)}`,
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
    ...shipLines(withoutFiles(result), result.environment, paint),
    ...migrationLines(result, paint),
    ...environmentLines(result.environmentSince, paint),
    ...leftOutLines(result, paint),
    ...holdLines(result, paint),
    ...roundLines(result),
    "Steps:",
    ...result.steps.map((step) => `  ${step}`),
    ...nextLines(result, paint, ""),
  ];
}

/** Where it is not one after another, nobody would guess it. */
function roundLines({ rounds, hosts, kind }: RolloutResult): string[] {
  if (kind === "rollback" || rounds.every((round) => round.length === 1)) return [];
  const nameOf = (id: string): string => hosts.find((host) => host.id === id)?.name ?? id;
  return ["Rounds:", ...rounds.map((round, index) => `  ${index + 1}. ${list(round.map(nameOf))}`)];
}

function finished(result: RolloutResult, paint: Paint, columns: number | undefined): string[] {
  const done = result.kind === "deploy" ? "runs" : "is back on";
  return [
    paint.good(`${result.environment} ${done} ${releaseOf(result)}`) +
      ` on ${hostCount(result)} ${bundleOf(result, paint)}`,
    ...hosts(result, paint, columns),
    ...leftOutLines(result, paint),
    ...result.advice.map((sentence) => `  ${sentence}`),
    ...result.weighed.map((step) => paint.dim(`  ${stepText(step)}`)),
    ...trafficLines(result.hosts, paint),
    ...taskLines(result.hosts, paint),
    ...stayingLines(result, paint),
    ...contractLines(result, paint),
    ...environmentLines(result.environmentSince, paint),
    ...holdLines(result, paint),
    paint.dim(`deployment ${result.number ?? ""}, ${took(result.tookMs)}${onGithub(result)}`),
    ...timingLine(result.timings, paint),
  ];
}

function onGithub({ github }: RolloutResult): string {
  return typeof github?.deployment === "number" ? `, ${github.deployment} on GitHub` : "";
}

function leftOutLines({ leftOut }: RolloutResult, paint: Paint): string[] {
  return leftOut.map((host) => paint.warn(`  ${leftOutText(host)}`));
}

function undoLine({ undo }: RolloutResult, paint: Paint): string[] {
  return undo === null ? [] : [`undo: ${paint.strong(undo)}`];
}

function releaseOf({ release }: RolloutResult): string {
  return shortRevision(release.revision);
}

function bundleOf({ release }: RolloutResult, paint: Paint): string {
  return paint.dim(shortDigest(release.bundle));
}

/** A rollback takes no migration back: whoever is back must know what the old release finds in the database. */
function stayingLines({ staying }: RolloutResult, paint: Paint): string[] {
  if (staying.length === 0) return [];
  const are = staying.length === 1 ? "stays" : "stay";
  return [
    paint.warn(`  ${count(staying.length, "migration")} of the newer release ${are}:`),
    ...staying.map((path) => `    ${path}`),
  ];
}

/** What the images tell of migrations says more than files that git sees. */
function withoutFiles({ ships, migrations }: RolloutResult): RolloutResult["ships"] {
  return ships === null || migrations === null ? ships : { ...ships, migrations: [] };
}

function migrationLines(result: RolloutResult, paint: Paint): string[] {
  const { kind, migrations } = result;
  if (migrations === null || kind === "rollback") return contractLines(result, paint);
  const { added, dropped } = migrations;
  const rows = (all: typeof added): string[] => table(all.map((one) => [`    ${one.name}`, one.kind]));
  return [
    ...(added.length === 0 ? [] : [`  adds ${count(added.length, "migration")}`, ...rows(added)]),
    ...(dropped.length === 0 ? [] : [`  is from before ${count(dropped.length, "migration")}`, ...rows(dropped)]),
    ...contractLines(result, paint),
  ];
}

/** What stands between two releases of which the older one may not run any more. */
function contractLines({ kind, migrations }: RolloutResult, paint: Paint): string[] {
  const change = migrations ?? { added: [], dropped: [] };
  const names = contractsIn(kind === "deploy" ? change.added : change.dropped);
  if (names.length === 0) return [];
  if (kind === "rollback") return [paint.warn(`  goes back across ${list(names)}: the database stays as it is`)];
  const closes = names.length === 1 ? "closes" : "close";
  return [paint.warn(`  ${list(names)} ${closes} the way back: a rollback wants --across-contract`)];
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

function hostCount({ hosts }: RolloutResult): string {
  return membersText(hosts);
}
