import { share } from "./commands.ts";
import type { Command, Invocation } from "./commands.ts";
import { combinedOutput, errorContent } from "./outputs.ts";
import { commandVerdict, errorCount, isFinal, verdict } from "./statuses.ts";

/** The one step of a command: that of AWS-RunShellScript has the name of its action, others have a name of their own. */
export function pluginOf({ own }: Pick<Command, "own">): string {
  return own?.plugin ?? "aws:runShellScript";
}

const noNotification = { NotificationArn: "", NotificationEvents: [], NotificationType: "" };

/** A command as SendCommand and ListCommands show it. Parameters are shown to everybody who may list: no secrets in them. */
export function commandView(command: Command) {
  const details = command.invocations.map((one) => one.details);
  const maxErrors = share(command.maxErrors, details.length, 0);
  const own = commandVerdict({ details, maxErrors, cancelRequested: command.cancelRequested });
  const finish = command.requestedAt / 1000 + command.timeoutSeconds + command.executionTimeoutSeconds;
  return {
    CommandId: command.commandId,
    DocumentName: command.documentName,
    DocumentVersion: command.documentVersion,
    Comment: command.comment,
    ExpiresAfter: finish,
    Parameters: command.parameters,
    InstanceIds: command.instanceIds,
    Targets: command.targets,
    RequestedDateTime: command.requestedAt / 1000,
    Status: own.status,
    StatusDetails: own.details,
    OutputS3BucketName: "",
    OutputS3KeyPrefix: "",
    MaxConcurrency: command.maxConcurrency,
    MaxErrors: command.maxErrors,
    TargetCount: details.length,
    CompletedCount: details.filter((one) => isFinal(one)).length,
    ErrorCount: errorCount(details),
    DeliveryTimedOutCount: details.filter((one) => one === "DeliveryTimedOut").length,
    ServiceRole: "",
    NotificationConfig: noNotification,
    CloudWatchOutputConfig: logGroupOf(command),
    TimeoutSeconds: command.timeoutSeconds,
  };
}

/** GetCommandInvocation: dates are text here, epoch seconds everywhere else. Output is empty until the step has ended. */
export function invocationDetails(command: Command, invocation: Invocation) {
  const shown = verdict(invocation.details);
  return {
    CommandId: command.commandId,
    InstanceId: invocation.instanceId,
    Comment: command.comment,
    DocumentName: command.documentName,
    DocumentVersion: command.documentVersion,
    PluginName: pluginOf(command),
    ResponseCode: invocation.responseCode,
    ExecutionStartDateTime: isoDate(invocation.startedAt),
    ExecutionElapsedTime: elapsed(invocation),
    ExecutionEndDateTime: invocation.startedAt === undefined ? "" : isoDate(invocation.endedAt),
    Status: shown.status,
    StatusDetails: shown.details,
    StandardOutputContent: invocation.stdout,
    StandardOutputUrl: "",
    StandardErrorContent: errorContent(invocation.stderr),
    StandardErrorUrl: "",
    CloudWatchOutputConfig: logGroupOf(command),
  };
}

/** An invocation as ListCommandInvocations shows it; CommandPlugins is filled only with Details. */
export function invocationView(command: Command, invocation: Invocation, details: boolean) {
  const shown = verdict(invocation.details);
  const plugin = {
    Name: pluginOf(command),
    Status: shown.status,
    StatusDetails: shown.details,
    ResponseCode: invocation.responseCode,
    ...(invocation.startedAt === undefined ? {} : { ResponseStartDateTime: invocation.startedAt / 1000 }),
    ...(invocation.endedAt === undefined ? {} : { ResponseFinishDateTime: invocation.endedAt / 1000 }),
    Output: combinedOutput(invocation.stdout, invocation.stderr),
    StandardOutputUrl: "",
    StandardErrorUrl: "",
    OutputS3Region: command.region,
    OutputS3BucketName: "",
    OutputS3KeyPrefix: "",
  };
  return {
    CommandId: command.commandId,
    InstanceId: invocation.instanceId,
    InstanceName: "",
    Comment: command.comment,
    DocumentName: command.documentName,
    DocumentVersion: command.documentVersion,
    RequestedDateTime: command.requestedAt / 1000,
    Status: shown.status,
    StatusDetails: shown.details,
    StandardOutputUrl: "",
    StandardErrorUrl: "",
    CommandPlugins: details ? [plugin] : [],
    ServiceRole: "",
    NotificationConfig: noNotification,
    CloudWatchOutputConfig: logGroupOf(command),
  };
}

function logGroupOf({ logGroup }: Command) {
  return { CloudWatchLogGroupName: logGroup ?? "", CloudWatchOutputEnabled: logGroup !== undefined };
}

function isoDate(milliseconds: number | undefined): string {
  return milliseconds === undefined ? "" : new Date(milliseconds).toISOString();
}

function elapsed(invocation: Invocation): string {
  if (invocation.startedAt === undefined || invocation.endedAt === undefined) return "";
  return `PT${((invocation.endedAt - invocation.startedAt) / 1000).toFixed(3)}S`;
}
