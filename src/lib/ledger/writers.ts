import { pages } from "../aws/patient-calls.ts";
import { ssmCalls } from "../aws/ssm-calls.ts";
import type { ParameterPorts } from "./store.ts";

/** Who wrote a parameter last, as Parameter Store tells it, and when. */
export interface Writer {
  /** ARN; empty where it does not say. */
  readonly user: string;
  /** ISO 8601, by the server's clock; undefined where it does not say. */
  readonly writtenAt: string | undefined;
}

/**
 * Who wrote the parameters below a folder last, by the word of Parameter Store: the ARN, and when. Fifty a call, and three
 * calls a second (service quotas); it needs ssm:DescribeParameters on everything, which tells names and no values.
 */
export function writersBelow(folder: string, ports: ParameterPorts): Promise<ReadonlyMap<string, Writer>> {
  return writersOf({ Key: "Path", Option: "Recursive", Values: [folder] }, ports);
}

/** The same of one parameter. @returns undefined where there is none */
export async function writerOf(name: string, ports: ParameterPorts): Promise<Writer | undefined> {
  return (await writersOf({ Key: "Name", Option: "Equals", Values: [name] }, ports)).get(name);
}

async function writersOf(
  filter: { readonly Key: string; readonly Option: string; readonly Values: [string] },
  ports: ParameterPorts,
): Promise<ReadonlyMap<string, Writer>> {
  const call = ssmCalls(ports);
  const read = (token: string | undefined) =>
    call({
      doing: `asking who wrote ${filter.Values[0]}`,
      send: (client, { DescribeParametersCommand }, options) =>
        client.send(
          new DescribeParametersCommand({
            ParameterFilters: [filter],
            MaxResults: 50,
            ...(token === undefined ? {} : { NextToken: token }),
          }),
          options,
        ),
    });
  const writers = new Map<string, Writer>();
  for await (const { Parameters = [] } of pages(read))
    for (const { Name = "", LastModifiedUser: user = "", LastModifiedDate } of Parameters)
      writers.set(Name, { user, writtenAt: LastModifiedDate?.toISOString() });
  return writers;
}
