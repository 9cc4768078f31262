import type { UpResult } from "../../sandbox/up.ts";
import type { Render } from "../paint.ts";
import { table } from "../table.ts";

/** Where everything is, and what to type next. */
export const renderSandboxUp: Render<UpResult> = (result, paint, columns) => [
  result.outcome === "already-up"
    ? `The sandbox is ${paint.good("already up")}.`
    : `The sandbox is ${paint.good("up")}.`,
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
