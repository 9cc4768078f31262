import type { DescribeInstanceInformationCommandOutput } from "@aws-sdk/client-ssm";
import { pages } from "../aws/patient-calls.ts";
import type { SsmCall } from "../aws/ssm-calls.ts";
import { batches, mostHosts } from "./batches.ts";
import type { Host, HostTag } from "./remote.ts";

/** Registered hosts by tag, every page, sorted by name so that the first host is the one that people call the first. */
export function listHosts({ tag, value }: HostTag, call: SsmCall): Promise<Host[]> {
  return list({ Key: `tag:${tag}`, Values: [value] }, `listing the hosts with tag ${tag}=${value}`, call);
}

/** Those of some ids that are registered, in the same order. */
export async function listRegistered(ids: readonly string[], call: SsmCall): Promise<Host[]> {
  const found = batches(ids).map((Values) =>
    list({ Key: "InstanceIds", Values }, "looking for hosts of earlier deployments", call),
  );
  return (await Promise.all(found)).flat();
}

async function list(
  filter: { readonly Key: string; readonly Values: readonly string[] },
  doing: string,
  call: SsmCall,
): Promise<Host[]> {
  const Filters = [{ Key: filter.Key, Values: [...filter.Values] }];
  const read = (NextToken: string | undefined): Promise<DescribeInstanceInformationCommandOutput> =>
    call({
      doing,
      send: (client, sdk, options) =>
        client.send(new sdk.DescribeInstanceInformationCommand({ Filters, MaxResults: mostHosts, NextToken }), options),
    });
  const hosts: Host[] = [];
  for await (const { InstanceInformationList = [] } of pages(read))
    for (const info of InstanceInformationList)
      if (info.InstanceId !== undefined)
        hosts.push({
          id: info.InstanceId,
          name: info.Name ?? info.ComputerName ?? info.InstanceId,
          online: info.PingStatus === "Online",
          agent: info.AgentVersion ?? "",
        });
  // prod-2 before prod-10, whatever the locale of this machine. Made here: it costs half a Node start.
  const byName = new Intl.Collator("en", { numeric: true });
  return hosts.toSorted((one, other) => byName.compare(one.name, other.name) || (one.id < other.id ? -1 : 1));
}
