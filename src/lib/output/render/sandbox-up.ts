import type { UpResult } from "../../sandbox/up.ts";
import type { Paint, Render } from "../paint.ts";
import { list } from "../../text/words.ts";
import { table } from "../table.ts";

/** Where everything is, and what to type next. */
export const renderSandboxUp: Render<UpResult> = (result, paint, columns) => [
  headline(result, paint),
  "",
  `${paint.dim("endpoint")}  ${result.endpoint}`,
  `${paint.dim("ECR_REPO")}  ${result.repository}`,
  "",
  ...table(
    [
      ["HOST", "ID", "ENVIRONMENT", "URL"].map((cell) => paint.dim(cell)),
      ...result.hosts.map(({ name, id, env, url }) => [name, id, env, url ?? ""]),
    ],
    { columns, leave: [1] },
  ),
  ...result.advice.map((line) => paint.warn(line)),
  "",
  paint.dim("Next:"),
  ...result.next.map((line) => `  ${line}`),
];

function headline({ outcome, started }: UpResult, paint: Paint): string {
  if (outcome === "already-up") return `The sandbox is ${paint.good("already up")}.`;
  if (outcome === "started") return `The sandbox is ${paint.good("up")}.`;
  return started.length === 0 ? "Would bring the sandbox up to date." : `Would start ${list(started)}.`;
}
