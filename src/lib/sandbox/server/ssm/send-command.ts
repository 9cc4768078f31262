import { randomUUID } from "node:crypto";
import { inputReader } from "../input.ts";
import { groupRule } from "../logs/names.ts";
import { ServiceError } from "../protocol.ts";
import type { Operation } from "../protocol.ts";
import { runningOf } from "./command-document.ts";
import { commandView } from "./command-views.ts";
import type { Command, CommandLog } from "./commands.ts";
import type { Delivery } from "./delivery.ts";
import type { DocumentPorts } from "./document-operations.ts";
import type { HostExecutor, ManagedHost, Pace } from "./hosts.ts";
import { verdict } from "./statuses.ts";

type Input = Readonly<Record<string, unknown>>;

const read = inputReader("ValidationException");
const instanceIdPattern = /^(i-(\w{8}|\w{17})|mi-\w{17})$/;
const concurrencyPattern = /^([1-9][0-9]*|[1-9][0-9]%|[1-9]%|100%)$/;
const errorsPattern = /^([1-9][0-9]*|0|[1-9][0-9]%|[0-9]%|100%)$/;
export interface SendPorts {
  readonly executor: HostExecutor;
  readonly log: CommandLog;
  readonly delivery: Delivery;
  readonly pace: Pace;
  readonly documents: DocumentPorts;
}

/** SendCommand. There is no idempotency token: the same request twice is two commands. */
export function sendCommand(ports: SendPorts): Operation {
  return async (input, call) => {
    requireKnown(input);
    const running = runningOf(input, ports.documents);
    const settings = readSettings(input);
    const hosts = await ports.executor.hosts();
    const chosen = chooseHosts(input, hosts);
    const command: Command = {
      commandId: randomUUID(),
      ...running,
      ...settings,
      instanceIds: read.optionalStrings(input, "InstanceIds") ?? [],
      targets: readTargets(input),
      requestedAt: ports.pace.now(),
      region: call.region,
      ...readLogGroup(input, running.documentName),
      cancelRequested: false,
      invocations: chosen.map((host) => newInvocation(host)),
    };
    await ports.log.add(command);
    const reply = { ...commandView(command), Status: "Pending", StatusDetails: "Pending" };
    ports.delivery.dispatch(command);
    return { Command: reply };
  };
}

function newInvocation(host: ManagedHost): Command["invocations"][number] {
  return {
    instanceId: host.instanceId,
    details: verdict("Pending").details,
    wasOnline: host.running,
    runs: 0,
    responseCode: -1,
    stdout: "",
    stderr: "",
    cancelRequested: false,
  };
}

/** What of the operation the sandbox does not have is refused. */
function requireKnown(input: Input): void {
  if (read.optionalString(input, "OutputS3BucketName", { min: 3, max: 63 }) !== undefined) {
    throw new ServiceError("InvalidOutputFolder", "The S3 bucket does not exist.");
  }
  for (const name of ["AlarmConfiguration", "NotificationConfig", "ServiceRoleArn"]) {
    if (input[name] !== undefined) throw new ServiceError("ValidationException", `The sandbox does not have ${name}.`);
  }
}

function readSettings(input: Input) {
  return {
    comment: read.optionalString(input, "Comment", { max: 100 }) ?? "",
    timeoutSeconds: read.optionalNumber(input, "TimeoutSeconds", { min: 30, max: 2_592_000 }) ?? 3600,
    maxConcurrency:
      read.optionalString(input, "MaxConcurrency", { min: 1, max: 7, pattern: concurrencyPattern }) ?? "50",
    maxErrors: read.optionalString(input, "MaxErrors", { min: 1, max: 7, pattern: errorsPattern }) ?? "0",
  };
}

/** Where none is named, one that is called like the document (user guide, "Configuring CloudWatch Logs for Run Command"). */
function readLogGroup(input: Input, document: string): Pick<Command, "logGroup"> {
  const config = read.optionalRecord(input, "CloudWatchOutputConfig") ?? {};
  const name = read.optionalString(config, "CloudWatchLogGroupName", groupRule);
  if (read.optionalBoolean(config, "CloudWatchOutputEnabled") !== true) return {};
  return { logGroup: name ?? `/aws/ssm/${document}` };
}

function readTargets(input: Input): Command["targets"] {
  const targets = read.optionalRecords(input, "Targets", { max: 5 }) ?? [];
  return targets.map((target) => ({
    Key: read.string(target, "Key", { min: 1, max: 163, pattern: /^(tag:.+|InstanceIds)$/ }),
    Values: read.strings(target, "Values", { min: 1, max: 50 }),
  }));
}

/** InstanceIds: each must be registered, or the whole call fails. Targets: keys are ANDed, values ORed, and nothing need match. */
function chooseHosts(input: Input, hosts: readonly ManagedHost[]): readonly ManagedHost[] {
  const ids = read.optionalStrings(input, "InstanceIds", { max: 50 }) ?? [];
  const targets = readTargets(input);
  if ((ids.length === 0) === (targets.length === 0)) {
    throw new ServiceError("ValidationException", "Specify either InstanceIds or Targets, and not both.");
  }
  if (ids.length > 0) return registered(ids, hosts);
  return hosts.filter((host) =>
    targets.every((target) =>
      target.Values.includes(
        (target.Key === "InstanceIds" ? host.instanceId : host.tags[target.Key.slice("tag:".length)]) ?? "\0",
      ),
    ),
  );
}

function registered(ids: readonly string[], hosts: readonly ManagedHost[]): readonly ManagedHost[] {
  if (new Set(ids).size < ids.length) throw new ServiceError("DuplicateInstanceId", "An instance id is given twice.");
  return ids.map((id) => {
    const host = instanceIdPattern.test(id) ? hosts.find((one) => one.instanceId === id) : undefined;
    if (host !== undefined) return host;
    throw new ServiceError("InvalidInstanceId", `Instances [[${id}]] not in a valid state for account`);
  });
}
