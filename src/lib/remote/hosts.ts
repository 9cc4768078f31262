import type { SSMClient } from "@aws-sdk/client-ssm";
import { awsFailure } from "../aws/failure.ts";
import type { Host, HostTag } from "./remote.ts";

const pageSize = 50;

/** Registered hosts by tag, every page, sorted by name so that the first host is the one that people call the first. */
export async function listHosts(client: SSMClient, selector: HostTag): Promise<Host[]> {
  const { DescribeInstanceInformationCommand } = await import("../aws/ssm-sdk.ts");
  const hosts: Host[] = [];
  let next: string | undefined;
  try {
    do {
      const page = await client.send(
        new DescribeInstanceInformationCommand({
          Filters: [{ Key: `tag:${selector.tag}`, Values: [selector.value] }],
          MaxResults: pageSize,
          ...(next === undefined ? {} : { NextToken: next }),
        }),
      );
      for (const info of page.InstanceInformationList ?? [])
        if (info.InstanceId !== undefined)
          hosts.push({
            id: info.InstanceId,
            name: info.Name ?? info.ComputerName ?? info.InstanceId,
            online: info.PingStatus === "Online",
            agent: info.AgentVersion ?? "",
          });
      next = page.NextToken;
    } while (next !== undefined && next !== "");
  } catch (error) {
    throw awsFailure(error, `listing the hosts with tag ${selector.tag}=${selector.value}`);
  }
  // prod-2 before prod-10, whatever the locale of this machine. Made here: it costs half a Node start.
  const byName = new Intl.Collator("en", { numeric: true });
  return hosts.toSorted((one, other) => byName.compare(one.name, other.name) || (one.id < other.id ? -1 : 1));
}
