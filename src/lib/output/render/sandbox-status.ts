import type { ContainerStatus, SandboxStatusResult } from "../../sandbox/status.ts";
import { nextLines } from "../next.ts";
import type { Paint, Render } from "../paint.ts";
import { list } from "../../text/words.ts";
import { table } from "../table.ts";

const titles: Readonly<Record<string, string>> = {
  aws: "ECR, SSM, STS",
  registry: "Distribution",
  postgres: "PostgreSQL",
  redis: "Redis",
  balancer: "HAProxy",
};

/** Services and hosts with state, memory and address. */
export const renderSandboxStatus: Render<SandboxStatusResult> = (result, paint, columns) => [
  result.outcome === "complete"
    ? `The sandbox is ${paint.good("up")}.`
    : `The sandbox is up, but ${paint.warn("not complete")}.`,
  "",
  ...table(
    [
      ["NAME", "STATE", "MEMORY", "WHERE"].map((cell) => paint.dim(cell)),
      ...result.services.map((service) => row(service, service.name === "aws" ? result.endpoint : "", paint)),
      ...result.hosts.map((host) => row(host, [host.url ?? [], host.id, host.env].flat().join("  "), paint)),
      ...result.clusters.map((one) =>
        row(one, [...one.services.map(({ url }) => url), one.id, list(one.environments)].join("  "), paint),
      ),
    ],
    { columns, leave: [2] },
  ),
  "",
  `${paint.dim("memory")}    ${mebibytes(result.memoryBytes)} in all`,
  `${paint.dim("ECR_REPO")}  ${result.repository}`,
  `${paint.dim("account")}   ${result.account}, ${result.region}`,
  ...(result.next.length === 0 ? [] : ["", ...nextLines(result, paint, "")]),
];

function row(container: ContainerStatus, where: string, paint: Paint): string[] {
  const { name, state, memoryBytes, detail } = container;
  const good = state === "running";
  return [
    titles[name] ?? name,
    good ? paint.good(state) : paint.bad(state),
    memoryBytes === null ? "" : mebibytes(memoryBytes),
    good ? where : [where, paint.dim(detail)].filter((part) => part !== "").join("  "),
  ];
}

function mebibytes(bytes: number): string {
  return `${Math.round(bytes / 2 ** 20)} MiB`;
}
