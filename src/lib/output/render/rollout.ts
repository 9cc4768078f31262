import type { RolloutResult } from "../../fleet/result.ts";
import { seconds } from "../duration.ts";
import type { Paint, Render } from "../paint.ts";
import { table } from "../table.ts";

const shortSha = 12;
const shortDigest = "sha256:".length + 12;

/** What `deploy` and `rollback` print: what was done, host by host, and how to take it back. */
export const renderRollout: Render<RolloutResult> = (result, paint) => {
  const revision = result.release.revision.slice(0, shortSha);
  const bundle = paint.dim(result.release.bundle.slice(0, shortDigest));
  if (result.status === "already-running")
    return [
      paint.good(`${result.environment} already runs ${revision} on ${hostCount(result)}`) + ` ${bundle}`,
      paint.dim(
        `nothing was changed; threads deploy -e ${result.environment} ${result.release.revision} --force does it again`,
      ),
    ];
  if (result.status === "planned")
    return [
      `${result.kind === "deploy" ? "Would deploy" : "Would roll back to"} ${paint.strong(revision)} ${result.kind === "deploy" ? "to" : "in"} ${result.environment} ${bundle}`,
      ...Object.entries(result.release.images).map(
        ([service, digest]) => `  ${service} ${paint.dim(digest.slice(0, shortDigest))}`,
      ),
      ...result.hosts.map((host) => `  ${host.name} runs ${host.before?.slice(0, shortSha) ?? "nothing"} now`),
      "Steps:",
      ...result.steps.map((step) => `  ${step}`),
    ];
  const done = result.kind === "deploy" ? "runs" : "is back on";
  return [
    paint.good(`${result.environment} ${done} ${revision}`) + ` on ${hostCount(result)} ${bundle}`,
    ...hosts(result, paint),
    paint.dim(`deployment ${result.number ?? ""}, ${seconds(result.took)}`),
    ...(result.undo === undefined ? [] : [`undo: ${paint.strong(result.undo)}`]),
  ];
};

function hosts(result: RolloutResult, paint: Paint): string[] {
  return table(
    result.hosts.map((host) => [
      `  ${host.name}`,
      paint.dim(host.name === host.id ? "" : host.id),
      host.before === undefined ? paint.dim("nothing before") : paint.dim(`was ${host.before.slice(0, shortSha)}`),
    ]),
  );
}

function hostCount({ hosts }: RolloutResult): string {
  return hosts.length === 1 ? "1 host" : `${hosts.length} hosts`;
}
