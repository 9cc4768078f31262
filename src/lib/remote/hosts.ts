import type { DescribeInstanceInformationCommandOutput } from "@aws-sdk/client-ssm";
import { pages } from "../aws/patient-calls.ts";
import type { SsmCall } from "../aws/ssm-calls.ts";
import type { Host, HostTag } from "./remote.ts";

const pageSize = 50;

/** Registered hosts by tag, every page, sorted by name so that the first host is the one that people call the first. */
export async function listHosts({ tag, value }: HostTag, call: SsmCall): Promise<Host[]> {
  const Filters = [{ Key: `tag:${tag}`, Values: [value] }];
  const read = (NextToken: string | undefined): Promise<DescribeInstanceInformationCommandOutput> =>
    call({
      doing: `listing the hosts with tag ${tag}=${value}`,
      send: (client, sdk, options) =>
        client.send(new sdk.DescribeInstanceInformationCommand({ Filters, MaxResults: pageSize, NextToken }), options),
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
