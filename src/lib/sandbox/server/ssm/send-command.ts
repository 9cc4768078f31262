import { randomUUID } from "node:crypto";
import { inputReader } from "../input.ts";
import { ServiceError } from "../protocol.ts";
import type { Operation } from "../protocol.ts";
import { commandView } from "./command-views.ts";
import type { Command, CommandLog } from "./commands.ts";
import type { Delivery } from "./delivery.ts";
import type { HostExecutor, ManagedHost, Pace } from "./hosts.ts";
import { verdict } from "./statuses.ts";

type Input = Readonly<Record<string, unknown>>;

const read = inputReader("ValidationException");
const instanceIdPattern = /^(i-(\w{8}|\w{17})|mi-\w{17})$/;
const concurrencyPattern = /^([1-9][0-9]*|[1-9][0-9]%|[1-9]%|100%)$/;
const errorsPattern = /^([1-9][0-9]*|0|[1-9][0-9]%|[0-9]%|100%)$/;
/** The allowedPattern of executionTimeout in AWS-RunShellScript: 1 to 172,800. */
const executionTimeoutPattern = /^([1-9][0-9]{0,4}|1[0-6][0-9]{4}|17[01][0-9]{3}|172[0-7][0-9]{2}|172800)$/;
/** Document and parameters together may have 64 KB (API reference, MaxDocumentSizeExceeded); AWS-RunShellScript itself has about one. */
const parameterBytes = 64 * 1024 - 1_100;

export interface SendPorts {
  readonly executor: HostExecutor;
  readonly log: CommandLog;
  readonly delivery: Delivery;
  readonly pace: Pace;
}

/** SendCommand for AWS-RunShellScript. There is no idempotency token: the same request twice is two commands. */
export function sendCommand(ports: SendPorts): Operation {
  return async (input, call) => {
    checkDocument(input);
    const settings = readSettings(input);
    const parameters = readParameters(input);
    const hosts = await ports.executor.hosts();
    const chosen = chooseHosts(input, hosts);
    const command: Command = {
      commandId: randomUUID(),
      ...settings,
      parameters,
      instanceIds: read.optionalStrings(input, "InstanceIds") ?? [],
      targets: readTargets(input),
      requestedAt: ports.pace.now(),
      executionTimeoutSeconds: executionTimeout(parameters["executionTimeout"]?.[0]),
      region: call.region,
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

function checkDocument(input: Input): void {
  const name = read.string(input, "DocumentName", { pattern: /^[a-zA-Z0-9_\-.:/]{3,128}$/ });
  if (name !== "AWS-RunShellScript" && !/^arn:aws:ssm:[a-z0-9-]*:\d*:document\/AWS-RunShellScript$/.test(name)) {
    throw new ServiceError("InvalidDocument", `Document with name ${name} does not exist.`);
  }
  const version = read.optionalString(input, "DocumentVersion") ?? "$DEFAULT";
  if (!["$DEFAULT", "$LATEST", "1"].includes(version)) {
    throw new ServiceError("InvalidDocumentVersion", `The document version ${version} is not valid.`);
  }
  if (read.optionalString(input, "OutputS3BucketName", { min: 3, max: 63 }) !== undefined) {
    throw new ServiceError("InvalidOutputFolder", "The S3 bucket does not exist.");
  }
  for (const name of ["AlarmConfiguration", "NotificationConfig", "ServiceRoleArn", "DocumentHash"]) {
    if (input[name] !== undefined) throw new ServiceError("ValidationException", `The sandbox does not have ${name}.`);
  }
}

function readSettings(input: Input) {
  return {
    documentName: "AWS-RunShellScript",
    documentVersion: read.optionalString(input, "DocumentVersion") ?? "$DEFAULT",
    comment: read.optionalString(input, "Comment", { max: 100 }) ?? "",
    timeoutSeconds: read.optionalNumber(input, "TimeoutSeconds", { min: 30, max: 2_592_000 }) ?? 3600,
    maxConcurrency:
      read.optionalString(input, "MaxConcurrency", { min: 1, max: 7, pattern: concurrencyPattern }) ?? "50",
    maxErrors: read.optionalString(input, "MaxErrors", { min: 1, max: 7, pattern: errorsPattern }) ?? "0",
  };
}

function readParameters(input: Input): Record<string, readonly string[]> {
  const given = read.optionalRecord(input, "Parameters") ?? {};
  const unknown = Object.keys(given).find(
    (name) => !["commands", "workingDirectory", "executionTimeout"].includes(name),
  );
  if (unknown !== undefined) throw invalid(`Parameter ${unknown} is not defined in the document.`);
  const parameters = Object.fromEntries(Object.keys(given).map((name) => [name, read.strings(given, name)]));
  const commands = parameters["commands"] ?? [];
  if (commands.length === 0) throw invalid("Parameter commands is required.");
  if (commands.some((line) => line.includes("\0"))) throw invalid("Parameter commands has a NUL character.");
  const timeout = parameters["executionTimeout"]?.[0];
  if (timeout !== undefined && !executionTimeoutPattern.test(timeout)) {
    throw invalid(`Parameter executionTimeout does not match its allowed pattern: ${timeout}`);
  }
  if (Buffer.byteLength(JSON.stringify(given)) > parameterBytes) {
    throw new ServiceError("MaxDocumentSizeExceeded", "The size of the document and its parameters exceeds 64 KB.");
  }
  return parameters;
}

function invalid(message: string): ServiceError {
  return new ServiceError("InvalidParameters", message);
}

/** The agent takes anything below 5 or above 172,800 seconds, and what is no number, silently for an hour. */
function executionTimeout(text: string | undefined): number {
  const seconds = Number(text ?? "3600");
  return Number.isInteger(seconds) && seconds >= 5 && seconds <= 172_800 ? seconds : 3600;
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
