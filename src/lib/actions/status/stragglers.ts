import type { Member, Observed } from "../../fleet/target.ts";
import type { Deployment } from "../../ledger/ledger.ts";
import { shortRevision } from "../../release/revision.ts";
import { list } from "../../text/words.ts";
import { notJudged } from "./judge-host.ts";
import type { HostStatus } from "../../fleet/status-result.ts";

/** Ids of hosts that took part in deployments, as far as those were read, and are not among the environment's any more. */
export function formerHosts(deployments: readonly Deployment[], hosts: readonly Pick<Member, "id">[]): string[] {
  const now = new Set(hosts.map(({ id }) => id));
  return [...new Set(deployments.flatMap(({ intent }) => intent.hosts))].filter((id) => !now.has(id));
}

/** Of those the ones that run the application all the same: nobody deploys to them, and nobody stops them. */
export function stragglers(
  observed: readonly Observed[],
  { deployments, belongs }: { readonly deployments: readonly Deployment[]; readonly belongs: string },
): HostStatus[] {
  return observed.flatMap(({ host, summary }) => {
    const running = (summary?.containers ?? []).filter(({ oneoff, state }) => !oneoff && state === "running");
    if (summary === undefined || running.length === 0) return [];
    const last = deployments.find(({ intent }) => intent.hosts.includes(host.id))?.intent.number ?? "";
    const services = list([...new Set(running.map(({ service }) => service))]);
    const of = summary.current === undefined ? "" : ` of ${shortRevision(summary.current.revision)}`;
    const says = `took part in deployment ${last}, no longer has the ${belongs}, and still runs ${services}${of}`;
    return [{ ...notJudged(host, summary), verdict: "straggler" as const, says }];
  });
}
