import type { AwsClients } from "../aws/clients.ts";
import { logsCalls } from "../aws/logs-calls.ts";
import { type CallPorts, pages } from "../aws/patient-calls.ts";

/** Whether there is a log group of that name: others may begin with it. @throws ThreadsError ACCESS_DENIED … */
export async function hasLogGroup(
  name: string,
  ports: CallPorts & { readonly aws: Pick<AwsClients, "logs"> },
): Promise<boolean> {
  const call = logsCalls(ports);
  const read = (nextToken: string | undefined) =>
    call({
      doing: `looking for the log group ${name}`,
      send: (client, sdk, options) =>
        client.send(new sdk.DescribeLogGroupsCommand({ logGroupNamePrefix: name, nextToken }), options),
    });
  for await (const { logGroups = [] } of pages(read))
    if (logGroups.some(({ logGroupName }) => logGroupName === name)) return true;
  return false;
}
