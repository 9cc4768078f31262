import type {
  CommandInvocation,
  ListCommandInvocationsCommandOutput,
  ListCommandsCommandOutput,
} from "@aws-sdk/client-ssm";
import { pages } from "../aws/patient-calls.ts";
import type { SsmCall } from "../aws/ssm-calls.ts";
import { utc } from "../text/words.ts";
import { mostHosts } from "./batches.ts";
import type { SentCommand } from "./remote.ts";

/** How far a command has come, as SSM counts its hosts. */
export interface Count {
  readonly of: number;
  /** One way or another. */
  readonly ended: number;
  readonly failed: number;
}

const doing = "waiting for the hosts";

interface Listed extends Partial<ListCommandsCommandOutput> {
  readonly isDenied?: boolean;
}

/**
 * How far commands have come, one page for fifty of them. @returns undefined where AWS does not allow to list commands; one
 * that SSM does not list yet is missing
 */
export async function countCommands(
  commands: readonly SentCommand[],
  call: SsmCall,
): Promise<ReadonlyMap<string, Count> | undefined> {
  const wanted = new Set(commands.map(({ id }) => id));
  // Both are SSM's clock, but the filter has whole seconds.
  const value = utc(Math.min(...commands.map(({ sentAt }) => sentAt)) - 1000);
  const Filters = [{ key: "InvokedAfter" as const, value }];
  const read = (NextToken: string | undefined): Promise<Listed> =>
    call<Listed>({
      doing,
      send: (client, sdk, options) =>
        client.send(new sdk.ListCommandsCommand({ Filters, MaxResults: mostHosts, NextToken }), options),
      answers: { AccessDeniedException: () => ({ isDenied: true }) },
    });
  const counts = new Map<string, Count>();
  for await (const { isDenied = false, Commands = [] } of pages(read)) {
    if (isDenied) return undefined;
    for (const { CommandId = "", TargetCount = 0, CompletedCount = 0, ErrorCount = 0 } of Commands)
      if (wanted.has(CommandId)) counts.set(CommandId, { of: TargetCount, ended: CompletedCount, failed: ErrorCount });
    if (counts.size === wanted.size) break;
  }
  return counts;
}

/** Each host's part of a command, with the beginning of what it has said; none as long as SSM does not show them. */
export async function listInvocations(id: string, call: SsmCall): Promise<CommandInvocation[]> {
  const notYet = (): Partial<ListCommandInvocationsCommandOutput> => ({});
  const read = (NextToken: string | undefined): Promise<Partial<ListCommandInvocationsCommandOutput>> =>
    call({
      doing,
      send: (client, sdk, options) => {
        const input = { CommandId: id, Details: true, MaxResults: mostHosts, NextToken };
        return client.send(new sdk.ListCommandInvocationsCommand(input), options);
      },
      answers: { InvocationDoesNotExist: notYet, InvalidCommandId: notYet },
    });
  const found: CommandInvocation[] = [];
  for await (const { CommandInvocations = [] } of pages(read)) found.push(...CommandInvocations);
  return found;
}
