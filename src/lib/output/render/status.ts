import type { EnvironmentStatus, HostStatus, StatusResult } from "../../fleet/status-result.ts";
import type { ServiceStatus } from "../../fleet/judge.ts";
import { authorText } from "../../ledger/author.ts";
import { shortRevision } from "../../release/revision.ts";
import { leaseLines } from "./lease.ts";
import { moment } from "../moment.ts";
import { frozenText, heldTexts, weighedText } from "../standing-words.ts";
import { nextLines } from "../next.ts";
import type { Paint, Render } from "../paint.ts";
import { table } from "../table.ts";
import { type Addresses, addressLine } from "./address.ts";

const digestStart = "sha256:".length;

/** Environment by environment: its release, then host by service what really runs, then what is wrong. */
export function statusRenderer(addresses: Addresses): Render<StatusResult> {
  return (result, paint, columns) =>
    result.environments.flatMap((environment, index) => [
      ...(index === 0 ? [] : [""]),
      ...renderEnvironment(environment, { now: Date.parse(result.observedAt), columns, addresses }, paint),
    ]);
}

interface Page {
  readonly now: number;
  readonly columns: number | undefined;
  readonly addresses: Addresses;
}

function renderEnvironment(status: EnvironmentStatus, { now, columns, addresses }: Page, paint: Paint): string[] {
  return [
    headline(status, now, paint),
    ...freezeLine(status, now, paint),
    ...holdLine(status, now, paint),
    ...attempt(status, now, paint),
    ...weighedLines(status, now, paint),
    ...leaseLines(status.lease, paint).map((line) => `  ${line}`),
    ...table(
      status.hosts.flatMap((host) => hostRows(host, now, paint)),
      { columns, leave: [1, 6, 4] },
    ),
    ...status.hosts.flatMap((host) => hostAddress(host, paint)),
    ...addressLine(status.environment, addresses, paint).map((line) => `  ${line}`),
    ...status.problems.map((problem) => paint.bad(`! ${problem}`)),
    ...nextLines(status, paint, ""),
  ];
}

function headline({ environment, release, outcome }: EnvironmentStatus, now: number, paint: Paint): string {
  const name = paint.strong(environment);
  if (release === null)
    return `${name}  ${outcome === "under-way" ? "its first deployment is under way" : "nothing was ever deployed"}`;
  const verdict = verdicts[outcome](paint);
  const facts = [
    shortRevision(release.revision),
    `#${release.number}${release.kind === "rollback" ? " (rollback)" : ""}`,
    moment(release.startedAt, now),
    `by ${authorText(release.by)}`,
  ];
  return `${name}  ${facts.join("  ")}  ${verdict}`;
}

const verdicts: Readonly<Record<EnvironmentStatus["outcome"], (paint: Paint) => string>> = {
  "as-deployed": (paint) => paint.good("as deployed"),
  "under-way": (paint) => paint.warn("being deployed"),
  "not-as-deployed": (paint) => paint.bad("not as deployed"),
};

function freezeLine({ freeze }: EnvironmentStatus, now: number, paint: Paint): string[] {
  if (freeze === null) return [];
  return [paint.warn(`  ${frozenText(freeze, now)}`), `      ${paint.dim("→")} ${freeze.lift}`];
}

function holdLine({ hold }: EnvironmentStatus, now: number, paint: Paint): string[] {
  if (hold === null) return [];
  const [since, means] = heldTexts(hold, now);
  return [paint.warn(`  ${since}`), `      ${means}`];
}

function attempt({ latest }: EnvironmentStatus, now: number, paint: Paint): string[] {
  if (latest === null) return [];
  const { number, kind, revision, result, startedAt, by, work } = latest;
  return [
    paint.dim(`  #${number} ${kind} ${shortRevision(revision)} ${result} ${moment(startedAt, now)} by ${by.user}`),
    ...(work === null ? [] : [paint.dim(`  ${work.says}`)]),
  ];
}

function weighedLines({ weighed }: EnvironmentStatus, now: number, paint: Paint): string[] {
  if (weighed === null) return [];
  const { next, old, new: own } = weighed;
  const part = ({ requests, failed }: NonNullable<typeof old>): string => `${requests} answers, ${failed} failed`;
  return [
    paint.warn(`  ${weighedText(weighed, now)}`),
    ...(old === null || own === null ? [] : [paint.dim(`      new: ${part(own)}; old: ${part(old)}`)]),
    ...(next === null ? [] : [`      ${paint.dim("→")} ${next}`]),
  ];
}

function hostRows(host: HostStatus, now: number, paint: Paint): string[][] {
  const on = host.release === null ? "" : shortRevision(host.release.revision);
  const by = host.deployment === null ? "" : ` (#${host.deployment})`;
  const first = [`  ${host.name}`, paint.dim(host.name === host.id ? "" : host.id), `${on}${by}`];
  if (host.services.length === 0) return [[...first.filter((cell) => cell !== ""), hostWord(host, paint)]];
  return host.services.map((service, index) => [
    ...(index === 0 ? first : ["", "", ""]),
    service.service,
    service.digest?.slice(digestStart, digestStart + 12) ?? "-",
    serviceWord(service, paint),
    service.startedAt === null || service.state !== "running" ? "" : `since ${moment(service.startedAt, now)}`,
  ]);
}

/** Where nothing runs nothing answers. */
function hostAddress({ name, url, services }: HostStatus, paint: Paint): string[] {
  return url === null || services.length === 0 ? [] : [paint.dim(`  ${name} answers at ${url}`)];
}

function hostWord({ verdict, says }: HostStatus, paint: Paint): string {
  if (verdict === "ok") return paint.dim("runs nothing");
  if (verdict === "gone") return paint.bad(verdict);
  if (verdict === "straggler") return paint.bad("of an earlier fleet");
  return paint.bad(verdict === "offline" || verdict === "silent" ? `unknown: ${says}` : says);
}

function serviceWord({ verdict, state, health, says }: ServiceStatus, paint: Paint): string {
  if (verdict === "ok") return paint.good(health === "none" ? state : health);
  if (verdict === "changing") return paint.warn("being switched");
  return paint.bad(`${verdict}: ${says}`);
}
