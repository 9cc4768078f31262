import type { Observed } from "../../fleet/observe.ts";
import type { Deployment } from "../../ledger/ledger.ts";
import { shortRevision } from "../../release/revision.ts";
import type { Host } from "../../remote/remote.ts";
import { list } from "../../text/words.ts";
import { notJudged } from "./judge-host.ts";
import type { HostStatus } from "./result.ts";

/** Ids of hosts that took part in deployments, as far as those were read, and are not among the environment's any more. */
export function formerHosts(deployments: readonly Deployment[], hosts: readonly Pick<Host, "id">[]): string[] {
  const now = new Set(hosts.map(({ id }) => id));
  return [...new Set(deployments.flatMap(({ intent }) => intent.hosts))].filter((id) => !now.has(id));
}

/** Of those the ones that run the application all the same: nobody deploys to them, and nobody stops them. */
export function stragglers(
  observed: readonly Observed[],
  { deployments, tag }: { readonly deployments: readonly Deployment[]; readonly tag: string },
): HostStatus[] {
  return observed.flatMap(({ host, summary }) => {
    const running = (summary?.containers ?? []).filter(({ oneoff, state }) => !oneoff && state === "running");
    if (summary === undefined || running.length === 0) return [];
    const last = deployments.find(({ intent }) => intent.hosts.includes(host.id))?.intent.number ?? "";
    const services = list([...new Set(running.map(({ service }) => service))]);
    const of = summary.current === undefined ? "" : ` of ${shortRevision(summary.current.revision)}`;
    const says = `took part in deployment ${last}, no longer has the tag ${tag}, and still runs ${services}${of}`;
    return [{ ...notJudged(host, summary), verdict: "straggler" as const, says }];
  });
}
