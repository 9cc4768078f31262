import type { ServiceStatus } from "../../fleet/judge.ts";
import type { HostStatus } from "../../fleet/status-result.ts";
import { shortRevision } from "../../release/revision.ts";
import { moment } from "../moment.ts";
import { type Html, html } from "./html.ts";
import { table } from "./table.ts";

/** Services down, hosts across: what runs where, by digest, since when. */
export function hostTable(environment: string, hosts: readonly HostStatus[], now: number): Html {
  const services = [...new Set(hosts.flatMap((host) => host.services.map(({ service }) => service)))];
  const rows = [
    html`<tr>
      <th scope="row">release</th>
      ${hosts.map((host) => html`<td class="${host.verdict === "ok" ? "" : "wrong"}">${releaseText(host, now)}</td>`)}
    </tr>`,
    ...services.map(
      (service) =>
        html`<tr>
          <th scope="row">${service}</th>
          ${hosts.map((host) => serviceCell(host, service, now))}
        </tr>`,
    ),
  ];
  const names = ["service", ...hosts.map(({ name }) => name)];
  return table(`Hosts of ${environment}`, names, rows, "board");
}

const verdicts = {
  offline: "offline",
  silent: "does not answer",
  unknown: "not known",
  gone: "gone",
  straggler: "of an earlier fleet",
} as const;

function releaseText({ verdict, release, says, deployment, busy }: HostStatus, now: number): Html {
  const state = verdict === "ok" || verdict === "wrong" ? "" : verdicts[verdict];
  const on =
    release === null
      ? html``
      : html`${shortRevision(release.revision)}
          <small>since ${moment(release.recordedAt, now)}${slotText(release.slot)}</small>`;
  const work = busy ? `deployment #${deployment ?? ""} is at work` : "";
  const said = [state, says, work].filter((text) => text !== "").join(": ");
  return html`${on} ${said === "" ? html`` : html`<small>${said}</small>`}`;
}

function slotText(slot: NonNullable<HostStatus["release"]>["slot"]): string {
  return slot === null ? "" : `, ${slot}`;
}

/** An empty cell would say that it is not there: of a host that did not tell, nobody knows. */
function serviceCell(host: HostStatus, name: string, now: number): Html {
  const own = host.services.filter(({ service }) => service === name);
  if (own.length === 0) return html`<td><small>${host.verdict === "ok" ? "runs elsewhere" : "not known"}</small></td>`;
  const isWell = own.every(({ verdict }) => verdict === "ok" || verdict === "changing");
  return html`<td class="${isWell ? "" : "wrong"}">${own.map((service) => containerText(service, now))}</td>`;
}

function containerText({ digest, state, health, verdict, says, startedAt }: ServiceStatus, now: number): Html {
  const word =
    verdict === "ok" ? (health === "none" ? state : health) : verdict === "changing" ? "being switched" : verdict;
  const since = startedAt === null || state !== "running" ? "" : `since ${moment(startedAt, now)}`;
  const image = digest === null ? "no image" : digest.replace("sha256:", "").slice(0, 12);
  return html`<div>
    ${word} <small><code>${image}</code> ${since}</small> ${says === "" ? html`` : html`<small>${says}</small>`}
  </div>`;
}
