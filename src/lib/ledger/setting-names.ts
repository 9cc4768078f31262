import { pages } from "../aws/patient-calls.ts";
import { ssmCalls } from "../aws/ssm-calls.ts";
import type { ParameterPorts } from "./store.ts";

/**
 * Names of the parameters directly below a path, as the variables that they are; never a value. Fifty a call, and three calls a
 * second (service quotas); it needs ssm:DescribeParameters, which IAM gives for all parameters or none.
 * @param path with or without a slash at its end @param others full names that lie there and are no settings: the ledger's own
 */
export async function settingNames(
  path: string,
  others: readonly string[],
  ports: ParameterPorts,
): Promise<ReadonlySet<string>> {
  const folder = path.replace(/\/$/, "");
  const call = ssmCalls(ports);
  const read = (token: string | undefined) =>
    call({
      doing: `asking which settings there are below ${path}`,
      send: (client, { DescribeParametersCommand }, options) =>
        client.send(
          new DescribeParametersCommand({
            ParameterFilters: [{ Key: "Path", Option: "OneLevel", Values: [folder] }],
            MaxResults: 50,
            ...(token === undefined ? {} : { NextToken: token }),
          }),
          options,
        ),
    });
  const names = new Set<string>();
  for await (const { Parameters = [] } of pages(read))
    for (const { Name = "" } of Parameters) if (!others.includes(Name)) names.add(Name.slice(folder.length + 1));
  return names;
}
