import type { EnvironmentStatus, HostStatus, StatusResult } from "../../actions/status/result.ts";
import type { ServiceStatus } from "../../fleet/judge.ts";
import { authorText } from "../../ledger/author.ts";
import { shortRevision } from "../../release/revision.ts";
import { ago } from "../../text/words.ts";
import type { Paint, Render } from "../paint.ts";
import { table } from "../table.ts";

const digestStart = "sha256:".length;

/** Environment by environment: its release, then host by service what really runs, then what is wrong. */
export const renderStatus: Render<StatusResult> = (result, paint) =>
  result.environments.flatMap((environment, index) => [
    ...(index === 0 ? [] : [""]),
    ...renderEnvironment(environment, Date.parse(result.at), paint),
  ]);

function renderEnvironment(status: EnvironmentStatus, now: number, paint: Paint): string[] {
  return [
    headline(status, now, paint),
    ...freezeLine(status, now, paint),
    ...attempt(status, now, paint),
    ...table(status.hosts.flatMap((host) => hostRows(host, now, paint))),
    ...status.problems.map((problem) => paint.bad(`! ${problem}`)),
    ...status.next.map((command) => `next: ${paint.strong(command)}`),
  ];
}

function headline({ environment, release, ok }: EnvironmentStatus, now: number, paint: Paint): string {
  const name = paint.strong(environment);
  if (release === undefined) return `${name}  nothing was ever deployed`;
  const verdict = ok ? paint.good("as deployed") : paint.bad("not as deployed");
  const facts = [
    shortRevision(release.revision),
    `#${release.number}${release.kind === "rollback" ? " (rollback)" : ""}`,
    ago(now - Date.parse(release.at)),
    `by ${authorText(release.by)}`,
  ];
  return `${name}  ${facts.join("  ")}  ${verdict}`;
}

function freezeLine({ freeze }: EnvironmentStatus, now: number, paint: Paint): string[] {
  if (freeze === null) return [];
  const { reason, by, since, lift } = freeze;
  return [paint.warn(`  frozen ${ago(now - Date.parse(since))} by ${authorText(by)}, until ${lift}: ${reason}`)];
}

function attempt({ latest }: EnvironmentStatus, now: number, paint: Paint): string[] {
  if (latest === undefined) return [];
  const { number, kind, revision, result, at, by } = latest;
  return [
    paint.dim(`  #${number} ${kind} ${shortRevision(revision)} ${result} ${ago(now - Date.parse(at))} by ${by.user}`),
  ];
}

function hostRows(host: HostStatus, now: number, paint: Paint): string[][] {
  const on = host.release === undefined ? "" : shortRevision(host.release.revision);
  const first = [`  ${host.name}`, paint.dim(host.name === host.id ? "" : host.id), on, hostWord(host, paint)];
  if (host.services.length === 0) return [first];
  return host.services.map((service, index) => [
    ...(index === 0 ? first.slice(0, 3) : ["", "", ""]),
    service.service,
    service.digest?.slice(digestStart, digestStart + 12) ?? "-",
    serviceWord(service, paint),
    service.startedAt === undefined || service.state !== "running"
      ? ""
      : `since ${ago(now - Date.parse(service.startedAt))}`,
  ]);
}

function hostWord({ verdict, says }: HostStatus, paint: Paint): string {
  if (verdict === "ok") return paint.dim("runs nothing");
  return paint.bad(verdict === "wrong" ? says : verdict);
}

function serviceWord({ verdict, state, health, says }: ServiceStatus, paint: Paint): string {
  if (verdict === "ok") return paint.good(health === "none" ? state : health);
  return paint.bad(`${verdict}: ${says}`);
}
