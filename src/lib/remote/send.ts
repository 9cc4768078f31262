import { randomBytes } from "node:crypto";
import type { SSMClient } from "@aws-sdk/client-ssm";
import type { AwsClients } from "../aws/clients.ts";
import { awsFailure } from "../aws/failure.ts";
import type { Clock } from "../clock/clock.ts";
import { until } from "../clock/until.ts";
import { ThreadsError } from "../errors/threads-error.ts";
import type { RemoteScript, SentCommand } from "./remote.ts";

/** SSM gives a command up that it could not deliver within this time; 30 s is the least it takes. */
const deliverySeconds = 60;
/** What SSM and we may be late by, beyond both of its clocks. */
const graceMs = 60_000;
/** How long a command may take to show up in ListCommands. */
const findWithinMs = 15_000;
const document = "AWS-RunShellScript";
const throttleRetries = 4;

interface SendPorts {
  readonly aws: Pick<AwsClients, "ssm" | "ssmOnce">;
  readonly clock: Clock;
}

/** How long after it was sent SSM has ended a script in every case, in milliseconds; see SentCommand.deadline. */
export function settledWithinMs(executionMs: number): number {
  return (deliverySeconds + wholeSeconds(executionMs)) * 1000 + graceMs;
}

function wholeSeconds(executionMs: number): number {
  return Math.max(5, Math.ceil(executionMs / 1000));
}

/** SendCommand with explicit ids, at most once; see Remote.send. */
export async function sendScript(script: RemoteScript, ports: SendPorts): Promise<SentCommand> {
  const executionSeconds = wholeSeconds(script.executionMs);
  const comment = `${script.label.slice(0, 80)} ${randomBytes(8).toString("hex")}`;
  const sentAt = ports.clock.now();
  const deadline = sentAt + settledWithinMs(script.executionMs);
  const id = await sendOnce({ script, comment, executionSeconds, sentAt }, ports);
  return { id, hosts: script.hosts, deadline };
}

interface Sending {
  readonly script: RemoteScript;
  readonly comment: string;
  readonly executionSeconds: number;
  readonly sentAt: number;
}

async function sendOnce(sending: Sending, ports: SendPorts): Promise<string> {
  const [client, { SendCommandCommand }] = await Promise.all([ports.aws.ssmOnce(), import("../aws/ssm-sdk.ts")]);
  const command = new SendCommandCommand({
    DocumentName: document,
    InstanceIds: [...sending.script.hosts],
    Comment: sending.comment,
    TimeoutSeconds: deliverySeconds,
    Parameters: {
      // One element: the agent joins them by line ends, and the first line must be the shebang.
      commands: [sending.script.text],
      executionTimeout: [String(sending.executionSeconds)],
    },
  });
  for (let attempt = 0; ; attempt += 1) {
    try {
      const id = (await client.send(command)).Command?.CommandId;
      if (id !== undefined) return id;
      return await findLost(sending, new Error("the reply names no command"), ports);
    } catch (error) {
      const failure = error as SendFailure;
      if (isThrottled(failure) && attempt < throttleRetries) {
        await ports.clock.sleep(500 * 2 ** attempt);
        continue;
      }
      if (failure.name === "InvalidInstanceId") throw notRegistered(sending.script, error);
      if (!mayHaveArrived(failure)) throw awsFailure(error, `sending "${sending.script.label}"`);
      return findLost(sending, error, ports);
    }
  }
}

interface SendFailure {
  readonly name: string;
  readonly code?: string;
  readonly $metadata?: { readonly httpStatusCode?: number };
}

function isThrottled(failure: SendFailure): boolean {
  return failure.name === "ThrottlingException" || failure.name === "TooManyRequestsException";
}

const neverLeft = new Set(["ECONNREFUSED", "ENOTFOUND", "EAI_AGAIN", "EHOSTUNREACH"]);

/** A refusal by AWS, or a connection that was never made, cannot have started anything; everything else may have. */
function mayHaveArrived(failure: SendFailure): boolean {
  if (failure instanceof ThreadsError || failure.name === "CredentialsProviderError") return false;
  if (failure.code !== undefined && neverLeft.has(failure.code)) return false;
  const status = failure.$metadata?.httpStatusCode;
  return status === undefined || status >= 500;
}

/** A lost reply is not a lost command: it is looked for by its comment, and never sent a second time. */
async function findLost(sending: Sending, cause: unknown, ports: SendPorts): Promise<string> {
  const client = await ports.aws.ssm();
  const id = await until(() => findByComment(client, sending), {
    clock: ports.clock,
    timeoutMs: findWithinMs,
    pauseMs: 500,
    maxPauseMs: 2_000,
  }).catch(() => undefined);
  if (id !== undefined) return id;
  throw new ThreadsError("SEND_UNKNOWN", {
    message: `AWS did not answer when "${sending.script.label}" was sent, so it may or may not be running on ${sending.script.hosts.join(", ")}`,
    next: ["threads status"],
    cause,
  });
}

async function findByComment(client: SSMClient, sending: Sending): Promise<string | undefined> {
  const { ListCommandsCommand } = await import("../aws/ssm-sdk.ts");
  // Ten minutes back, because this machine's clock may be ahead of AWS's.
  const after = new Date(sending.sentAt - 600_000).toISOString().replace(/\.\d+Z$/, "Z");
  let next: string | undefined;
  do {
    const page = await client.send(
      new ListCommandsCommand({
        Filters: [{ key: "InvokedAfter", value: after }],
        MaxResults: 50,
        ...(next === undefined ? {} : { NextToken: next }),
      }),
    );
    const found = page.Commands?.find((command) => command.Comment === sending.comment);
    if (found?.CommandId !== undefined) return found.CommandId;
    next = page.NextToken;
  } while (next !== undefined && next !== "");
  return undefined;
}

function notRegistered(script: RemoteScript, cause: unknown): ThreadsError {
  return new ThreadsError("HOST_GONE", {
    message: `SSM no longer knows a host among ${script.hosts.join(", ")}, so nothing was sent`,
    next: ["threads status"],
    cause,
  });
}
