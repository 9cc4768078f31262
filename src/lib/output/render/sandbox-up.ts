import type { UpResult } from "../../sandbox/up-result.ts";
import type { Paint, Render } from "../paint.ts";
import { list } from "../../text/words.ts";
import { table } from "../table.ts";

/** Where everything is, and what to type next. */
export const renderSandboxUp: Render<UpResult> = (result, paint, columns) => {
  const places = (head: readonly string[], rows: readonly string[][]): string[] =>
    rows.length === 0 ? [] : ["", ...table([head.map((cell) => paint.dim(cell)), ...rows], { columns, leave: [1] })];
  return [
    headline(result, paint),
    "",
    `${paint.dim("endpoint")}  ${result.endpoint}`,
    `${paint.dim("ECR_REPO")}  ${result.repository}`,
    ...places(
      ["HOST", "ID", "ENVIRONMENT", "URL"],
      result.hosts.map(({ name, id, env, url }) => [name, id, env, url ?? ""]),
    ),
    ...places(
      ["CLUSTER", "ID", "ENVIRONMENT"],
      result.clusters.map(({ name, id, environments }) => [name, id, list(environments)]),
    ),
    ...places(
      ["SERVICE", "ENVIRONMENT", "URL"],
      result.clusters.flatMap(({ services }) => services.map(({ name, env, url }) => [name, env, url])),
    ),
    ...result.advice.map((line) => paint.warn(line)),
    "",
    paint.dim("Next:"),
    ...result.next.map((line) => `  ${line}`),
  ];
};

function headline({ outcome, started }: UpResult, paint: Paint): string {
  if (outcome === "already-up") return `The sandbox is ${paint.good("already up")}.`;
  if (outcome === "started") return `The sandbox is ${paint.good("up")}.`;
  return started.length === 0 ? "Would bring the sandbox up to date." : `Would start ${list(started)}.`;
}
