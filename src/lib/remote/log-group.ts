import type { FilterLogEventsCommandOutput } from "@aws-sdk/client-cloudwatch-logs";
import type { Command, ListCommandsCommandOutput } from "@aws-sdk/client-ssm";
import type { AwsClients } from "../aws/clients.ts";
import { type LogsCall, logsCalls } from "../aws/logs-calls.ts";
import { type CallPorts, pages } from "../aws/patient-calls.ts";
import { ssmCalls } from "../aws/ssm-calls.ts";
import { mostHosts } from "./batches.ts";

/** A command whose output the agents write into a log group. */
export interface Written {
  readonly id: string;
  readonly label: string;
  readonly hosts: readonly string[];
  /** On every host, one way or another. */
  readonly hasEnded: boolean;
}

/** A piece of what a command has printed on a host. */
export interface WrittenPiece {
  readonly host: string;
  /** Milliseconds since the epoch, by CloudWatch Logs. */
  readonly at: number;
  /** The same for the same piece. */
  readonly id: string;
  /** Whole lines, one or many. */
  readonly text: string;
}

/** What commands have printed on hosts, in CloudWatch Logs: a port. */
export interface LogGroup {
  /** Commands whose label begins so, the oldest first, of the last 30 days. */
  commands(label: string): Promise<readonly Written[]>;
  /** What one of them has printed since then, in order of time; nothing where there is no such group, or nothing in it. */
  printed(group: string, command: string, since: number): Promise<readonly WrittenPiece[]>;
}

interface LogGroupPorts extends CallPorts {
  readonly aws: Pick<AwsClients, "ssm" | "logs" | "contact">;
}

/** Pages of fifty commands each, which are read back to find those that are meant: an environment's last days, at least. */
const mostPages = 40;

export function logGroup(ports: LogGroupPorts): LogGroup {
  const call = logsCalls(ports);
  return {
    commands: (label) => commandsBy(label, ports),
    printed: (group, command, since) => printed({ group, command, since }, call),
  };
}

async function commandsBy(label: string, ports: LogGroupPorts): Promise<readonly Written[]> {
  const call = ssmCalls(ports);
  const read = (NextToken: string | undefined): Promise<ListCommandsCommandOutput> =>
    call({
      doing: "looking for what hosts have read out",
      send: (client, sdk, options) =>
        client.send(new sdk.ListCommandsCommand({ MaxResults: mostHosts, NextToken }), options),
    });
  const found: Command[] = [];
  let left = mostPages;
  for await (const { Commands = [] } of pages(read)) {
    found.push(...Commands.filter(({ Comment = "" }) => Comment.startsWith(label)));
    left -= 1;
    if (left === 0) break;
  }
  const inTime = found.toSorted((one, other) => timeOf(one) - timeOf(other));
  return inTime.map(({ CommandId = "", Comment = "", InstanceIds = [], TargetCount = 0, CompletedCount = 0 }) => ({
    id: CommandId,
    label: Comment,
    hosts: InstanceIds,
    hasEnded: CompletedCount >= TargetCount,
  }));
}

function timeOf({ RequestedDateTime }: Command): number {
  return RequestedDateTime?.getTime() ?? 0;
}

interface Wanted {
  readonly group: string;
  readonly command: string;
  readonly since: number;
}

/** Streams are called `<command>/<instance>/<plugin>/stdout` (user guide, "Configuring CloudWatch Logs for Run Command"). */
async function printed({ group, command, since }: Wanted, call: LogsCall): Promise<readonly WrittenPiece[]> {
  const none = (): Partial<FilterLogEventsCommandOutput> => ({});
  const read = (nextToken: string | undefined): Promise<Partial<FilterLogEventsCommandOutput>> =>
    call({
      doing: `reading the log group ${group}`,
      send: (client, sdk, options) => {
        const which = { logGroupName: group, logStreamNamePrefix: `${command}/`, startTime: since, nextToken };
        return client.send(new sdk.FilterLogEventsCommand(which), options);
      },
      answers: { ResourceNotFoundException: none },
    });
  const found: WrittenPiece[] = [];
  // A page may be empty and the next one not.
  for await (const { events = [] } of pages(read))
    for (const { logStreamName = "", timestamp = 0, eventId = "", message = "" } of events) {
      const [, host = "", ...rest] = logStreamName.split("/");
      if (rest.at(-1) === "stdout") found.push({ host, at: timestamp, id: eventId, text: message });
    }
  return found;
}
