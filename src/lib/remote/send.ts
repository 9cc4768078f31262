import { randomBytes } from "node:crypto";
import type { Command, ListCommandsCommandOutput, SendCommandCommandInput } from "@aws-sdk/client-ssm";
import { awsCalls, pages } from "../aws/patient-calls.ts";
import { ssmCalls } from "../aws/ssm-calls.ts";
import { until } from "../clock/until.ts";
import { ThreadsError } from "../errors/threads-error.ts";
import { utc } from "../text/words.ts";
import { renderScript } from "../script/render.ts";
import type { SsmPorts } from "./ports.ts";
import type { RemoteScript, SentCommand } from "./remote.ts";

/** SSM gives a command up that it could not deliver within this time; 30 s is the least it takes. */
const deliverySeconds = 60;
/** What SSM and we may be late by, beyond both of its clocks. */
const graceMs = 60_000;
/** How long a command may take to show up in ListCommands. */
const findWithinMs = 15_000;

/** How long after it was sent SSM has ended a script in every case, in milliseconds; see SentCommand.deadline. */
export function settledWithinMs(executionMs: number): number {
  return (deliverySeconds + wholeSeconds(executionMs)) * 1000 + graceMs;
}

function wholeSeconds(executionMs: number): number {
  return Math.max(5, Math.ceil(executionMs / 1000));
}

interface Sending {
  readonly script: RemoteScript;
  readonly comment: string;
  /** Of the first try, and of the last: milliseconds since the epoch. */
  readonly since: number;
  lastAt: number;
}

/** The document that a command runs, and what it is given. */
export type Order = Pick<
  SendCommandCommandInput,
  "DocumentName" | "DocumentVersion" | "DocumentHash" | "DocumentHashType"
> & { readonly Parameters: Record<string, string[]> };

/** How hosts are given orders. */
export interface Orders {
  /** See Remote.check. */
  check(order: Ordered): Promise<void>;
  make(order: Ordered): Promise<Order>;
}

export type Ordered = Pick<RemoteScript, "script" | "environment">;

/** By AWS's own document, which runs whatever text it is given, as root. */
export const shellOrders: Orders = {
  check: () => Promise.resolve(),
  make: async ({ script }) => ({
    DocumentName: "AWS-RunShellScript",
    // One element: the agent joins them by line ends, and the first line must be the shebang.
    Parameters: { commands: [renderScript(script)] },
  }),
};

/**
 * SendCommand with explicit ids; see Remote.send. SSM has no idempotency token: after a lost reply the command is looked for
 * by its comment, and sent again only where it is not found. Should SSM show the first one later still, the hosts' fence is
 * what takes the same order once.
 */
export async function sendScript(script: RemoteScript, order: Order, ports: SsmPorts): Promise<SentCommand> {
  const comment = `${script.label.slice(0, 80)} ${randomBytes(8).toString("hex")}`;
  const since = ports.clock.now();
  const sending: Sending = { script, comment, since, lastAt: since };
  const { id, sentAt } = await sendOrFind(sending, order, ports);
  return {
    id,
    environment: script.environment,
    hosts: script.hosts,
    sentAt,
    deadline: sending.lastAt + settledWithinMs(script.executionMs),
  };
}

type Taken = Pick<SentCommand, "id" | "sentAt">;

function sendOrFind(sending: Sending, order: Order, ports: SsmPorts): Promise<Taken> {
  const { script, comment } = sending;
  const call = awsCalls({ client: () => ports.aws.ssmOnce(), sdk: () => import("../aws/ssm-sdk.ts") }, ports);
  const input = {
    ...order,
    InstanceIds: [...script.hosts],
    Comment: comment,
    TimeoutSeconds: deliverySeconds,
    Parameters: { ...order.Parameters, executionTimeout: [String(wholeSeconds(script.executionMs))] },
    ...(script.logGroup === undefined
      ? {}
      : { CloudWatchOutputConfig: { CloudWatchOutputEnabled: true, CloudWatchLogGroupName: script.logGroup } }),
  };
  return call({
    doing: `sending "${script.label}"`,
    send: async (client, sdk, options) => {
      sending.lastAt = ports.clock.now();
      const taken = takenAs((await client.send(new sdk.SendCommandCommand(input), options)).Command, sending);
      if (taken === undefined) throw new Error("the reply names no command");
      return taken;
    },
    ifLost: () => findLost(sending, ports),
    answers: {
      InvalidParameters: (error) => {
        throw notTaken(script, order, error);
      },
      InvalidDocument: (error) => {
        throw notTaken(script, order, error);
      },
      InvalidInstanceId: (error, mayBeTaken) => {
        throw mayBeTaken ? sendUnknown(script, error) : notRegistered(script, error);
      },
    },
    words: (error, mayBeTaken) => (mayBeTaken ? sendUnknown(script, error) : undefined),
  });
}

/** @returns undefined where it has no id */
function takenAs(command: Command | undefined, { since }: Sending): Taken | undefined {
  if (command?.CommandId === undefined) return undefined;
  return { id: command.CommandId, sentAt: command.RequestedDateTime?.getTime() ?? since };
}

/** @returns undefined where SSM has no such command after all. @throws ThreadsError SEND_UNKNOWN where it does not tell */
async function findLost(sending: Sending, ports: SsmPorts): Promise<Taken | undefined> {
  const { clock, signal } = ports;
  const patience = { clock, signal, timeoutMs: findWithinMs, pausesOnly: true, pauseMs: 500, maxPauseMs: 4_000 };
  try {
    return await until(() => findByComment(sending, ports), patience);
  } catch (error) {
    signal?.throwIfAborted();
    throw sendUnknown(sending.script, error);
  }
}

async function findByComment(sending: Sending, ports: SsmPorts): Promise<Taken | undefined> {
  const { comment, since } = sending;
  const call = ssmCalls(ports);
  // Ten minutes back, because this machine's clock may be ahead of AWS's.
  const after = utc(since - 600_000);
  const Filters = [{ key: "InvokedAfter" as const, value: after }];
  const read = (NextToken: string | undefined): Promise<ListCommandsCommandOutput> =>
    call({
      doing: `looking for a command "${comment}"`,
      send: (client, sdk, options) =>
        client.send(new sdk.ListCommandsCommand({ Filters, MaxResults: 50, NextToken }), options),
    });
  for await (const { Commands = [] } of pages(read)) {
    const found = takenAs(
      Commands.find((command) => command.Comment === comment),
      sending,
    );
    if (found !== undefined) return found;
  }
  return undefined;
}

function sendUnknown({ label, environment, hosts }: RemoteScript, cause: unknown): ThreadsError {
  return new ThreadsError("SEND_UNKNOWN", {
    message: `AWS did not answer when "${label}" was sent, so it may or may not be running on ${hosts.join(", ")}`,
    next: [`threads status -e ${environment}`],
    cause,
  });
}

function notTaken({ environment }: RemoteScript, { DocumentName }: Order, cause: Error): ThreadsError {
  return new ThreadsError("HOST_DOCUMENT", {
    message: `the document ${DocumentName} does not take this order: ${cause.message}`,
    next: [`threads doctor -e ${environment}`],
    cause,
  });
}

function notRegistered(script: RemoteScript, cause: unknown): ThreadsError {
  return new ThreadsError("HOST_GONE", {
    message: `SSM no longer knows a host among ${script.hosts.join(", ")}, so nothing was sent`,
    next: [`threads status -e ${script.environment}`],
    cause,
  });
}
