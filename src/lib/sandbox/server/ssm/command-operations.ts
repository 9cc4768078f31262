import { inputReader } from "../input.ts";
import { ServiceError } from "../protocol.ts";
import type { Operation } from "../protocol.ts";
import { commandView, invocationDetails, invocationView, pluginOf } from "./command-views.ts";
import type { Command, CommandLog, Invocation } from "./commands.ts";
import type { Delivery } from "./delivery.ts";
import type { Pace } from "./hosts.ts";
import { page } from "./paging.ts";
import { verdict } from "./statuses.ts";

type Input = Readonly<Record<string, unknown>>;

const read = inputReader("ValidationException");
const commandIdRule = { min: 36, max: 36 };

export interface CommandPorts {
  readonly log: CommandLog;
  readonly delivery: Delivery;
  readonly pace: Pace;
  /** For so long after SendCommand a command cannot be read: Run Command is eventually consistent. Milliseconds, 0 = off. */
  readonly hiddenFor: number;
}

/** What reads and cancels commands. */
export function commandOperations(ports: CommandPorts): Record<string, Operation> {
  return {
    GetCommandInvocation: async (input) => getCommandInvocation(ports, input),
    ListCommandInvocations: async (input) => listCommandInvocations(ports, input),
    ListCommands: async (input) => listCommands(ports, input),
    CancelCommand: (input) => cancelCommand(ports, input),
  };
}

function getCommandInvocation(ports: CommandPorts, input: Input) {
  const commandId = read.string(input, "CommandId", commandIdRule);
  const instanceId = read.string(input, "InstanceId");
  const plugin = read.optionalString(input, "PluginName", { min: 4 });
  const command = visible(ports).find((one) => one.commandId === commandId);
  const invocation = command?.invocations.find((one) => one.instanceId === instanceId);
  if (command === undefined || invocation === undefined) throw new ServiceError("InvocationDoesNotExist", "");
  if (plugin !== undefined && plugin !== pluginOf(command))
    throw new ServiceError("InvalidPluginName", `The plugin ${plugin} is not in the document.`);
  return invocationDetails(command, invocation);
}

function listCommandInvocations(ports: CommandPorts, input: Input) {
  const instanceId = read.optionalString(input, "InstanceId");
  const details = read.optionalBoolean(input, "Details") ?? false;
  const all = chosenCommands(ports, input).flatMap((command) =>
    command.invocations.map((invocation): { command: Command; invocation: Invocation } => ({ command, invocation })),
  );
  const status = filters(input).get("Status");
  const matching = all.filter(
    ({ invocation }) =>
      (instanceId === undefined || invocation.instanceId === instanceId) &&
      (status === undefined || verdict(invocation.details).status === status),
  );
  const found = page(matching, {
    ...pageRequest(input),
    key: ({ command, invocation }) => `${command.commandId} ${invocation.instanceId}`,
  });
  const views = found.items.map(({ command, invocation }) => invocationView(command, invocation, details));
  return { CommandInvocations: views, ...token(found.nextToken) };
}

function listCommands(ports: CommandPorts, input: Input) {
  const instanceId = read.optionalString(input, "InstanceId");
  const status = filters(input).get("Status");
  const matching = chosenCommands(ports, input).filter(
    (command) =>
      (instanceId === undefined || command.invocations.some((one) => one.instanceId === instanceId)) &&
      (status === undefined || commandView(command).Status === status),
  );
  const found = page(matching, { ...pageRequest(input), key: (command) => command.commandId });
  return { Commands: found.items.map((command) => commandView(command)), ...token(found.nextToken) };
}

/** The filters that both lists share: CommandId, InvokedAfter, InvokedBefore, DocumentName, ExecutionStage. */
function chosenCommands(ports: CommandPorts, input: Input): readonly Command[] {
  const commandId = read.optionalString(input, "CommandId", commandIdRule);
  const chosen = filters(input);
  const after = dateFilter(chosen, "InvokedAfter") ?? Number.NEGATIVE_INFINITY;
  const before = dateFilter(chosen, "InvokedBefore") ?? Number.POSITIVE_INFINITY;
  const document = chosen.get("DocumentName");
  const stage = chosen.get("ExecutionStage");
  return visible(ports).filter(
    (command) =>
      (commandId === undefined || command.commandId === commandId) &&
      command.requestedAt >= after &&
      command.requestedAt < before &&
      (document === undefined || command.documentName === document) &&
      (stage === undefined || stage === stageOf(command)),
  );
}

function stageOf(command: Command): "Executing" | "Complete" {
  const { TargetCount, CompletedCount } = commandView(command);
  return CompletedCount === TargetCount ? "Complete" : "Executing";
}

function filters(input: Input): ReadonlyMap<string, string> {
  const given = read.optionalRecords(input, "Filters", { min: 1, max: 5 }) ?? [];
  const keys = ["InvokedAfter", "InvokedBefore", "Status", "ExecutionStage", "DocumentName"] as const;
  return new Map(
    given.map((filter) => [read.oneOf(filter, "key", keys), read.string(filter, "value", { min: 1, max: 128 })]),
  );
}

function dateFilter(chosen: ReadonlyMap<string, string>, key: string): number | undefined {
  const text = chosen.get(key);
  if (text === undefined) return undefined;
  const date = Date.parse(text);
  if (Number.isNaN(date)) throw new ServiceError("InvalidFilterKey", `${key} is not an ISO 8601 date: ${text}`);
  return date;
}

async function cancelCommand(ports: CommandPorts, input: Input) {
  const commandId = read.string(input, "CommandId", commandIdRule);
  const given = read.optionalStrings(input, "InstanceIds", { max: 50 }) ?? [];
  const command = ports.log.find(commandId);
  if (command === undefined) throw new ServiceError("InvalidCommandId", `No command has the id ${commandId}.`);
  const all = command.invocations.map((one) => one.instanceId);
  const stranger = given.find((id) => !all.includes(id));
  if (stranger !== undefined) throw new ServiceError("InvalidInstanceId", `${stranger} is not part of the command.`);
  await ports.delivery.cancel(command, given.length > 0 ? given : all);
  return {};
}

function visible(ports: CommandPorts): readonly Command[] {
  const newest = ports.pace.now() - ports.hiddenFor;
  return ports.log.all().filter((command) => command.requestedAt <= newest);
}

function pageRequest(input: Input): { readonly size: number; readonly token: string | undefined } {
  const size = read.optionalNumber(input, "MaxResults", { min: 1, max: 50 }) ?? 50;
  return { size, token: read.optionalString(input, "NextToken") };
}

function token(nextToken: string | undefined) {
  return nextToken === undefined ? {} : { NextToken: nextToken };
}
