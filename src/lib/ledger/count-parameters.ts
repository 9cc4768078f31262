import { pages } from "../aws/patient-calls.ts";
import { ssmCalls } from "../aws/ssm-calls.ts";
import type { ParameterPorts } from "./store.ts";

/**
 * How many parameters the account has in this region, whosever they are; no more than `most` are counted. Fifty a call, and
 * three calls a second (service quotas).
 */
export async function countParameters(most: number, ports: ParameterPorts): Promise<number> {
  const call = ssmCalls(ports);
  const read = (token: string | undefined) =>
    call({
      doing: "counting the parameters",
      send: (client, { DescribeParametersCommand }, options) =>
        client.send(
          new DescribeParametersCommand({ MaxResults: 50, ...(token === undefined ? {} : { NextToken: token }) }),
          options,
        ),
    });
  let count = 0;
  for await (const { Parameters = [] } of pages(read)) {
    count += Parameters.length;
    if (count >= most) break;
  }
  return Math.min(count, most);
}
