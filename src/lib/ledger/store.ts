import type { GetParametersByPathCommandOutput } from "@aws-sdk/client-ssm";
import { type CallPorts, pages } from "../aws/calls.ts";
import type { AwsClients } from "../aws/clients.ts";
import { awsFailure } from "../aws/failure.ts";
import { type SsmCall, ssmCalls } from "../aws/ssm-calls.ts";
import type { Clock } from "../clock/clock.ts";
import { until } from "../clock/until.ts";
import { ThreadsError } from "../errors/threads-error.ts";

/** What the records are kept with. */
export interface StorePorts extends CallPorts {
  readonly aws: Pick<AwsClients, "ssm" | "contact">;
  /** First part of every name. */
  readonly app: string;
}

/** Parameters by name, and what time it was for the server that gave them. */
export interface Reading {
  readonly found: ReadonlyMap<string, Stored>;
  /** Milliseconds since the epoch, from the reply's Date header: a laptop's clock decides nothing. */
  readonly serverTime: number;
}

export interface Stored {
  readonly text: string;
  /** ISO 8601, by the server's clock; undefined where it does not say. */
  readonly writtenAt: string | undefined;
}

/** A page of GetParametersByPath holds at most ten (API reference). */
const pageSize = 10;

/** Every parameter below the folder; the order of pages is not documented, so all are read. */
export async function readFolder(folder: string, ports: StorePorts): Promise<Reading> {
  const call = ssmCalls(ports);
  const found = new Map<string, Stored>();
  const server = serverClock(ports.clock);
  const read = (NextToken: string | undefined): Promise<GetParametersByPathCommandOutput> =>
    call({
      doing: `reading the ledger ${folder}`,
      send: (client, sdk, options) => {
        const input = { Path: folder, Recursive: true, MaxResults: pageSize, NextToken };
        const command = new sdk.GetParametersByPathCommand(input);
        command.middlewareStack.add(server.listen, { step: "deserialize", priority: "low" });
        return client.send(command, options);
      },
    });
  for await (const { Parameters } of pages(read)) keep(found, Parameters);
  return { found, serverTime: server.now() };
}

/** Those of the parameters that exist, in one call; at most ten names (API reference). */
export async function findParameters(names: readonly string[], ports: StorePorts): Promise<Reading> {
  const found = new Map<string, Stored>();
  const server = serverClock(ports.clock);
  const { Parameters } = await ssmCalls(ports)({
    doing: `reading ${names.join(" and ")}`,
    send: (client, sdk, options) => {
      const command = new sdk.GetParametersCommand({ Names: [...names] });
      command.middlewareStack.add(server.listen, { step: "deserialize", priority: "low" });
      return client.send(command, options);
    },
  });
  keep(found, Parameters);
  return { found, serverTime: server.now() };
}

interface Parameter {
  readonly Name?: string | undefined;
  readonly Value?: string | undefined;
  readonly LastModifiedDate?: Date | undefined;
}

function keep(found: Map<string, Stored>, parameters: readonly Parameter[] = []): void {
  for (const { Name, Value, LastModifiedDate } of parameters)
    if (Name !== undefined && Value !== undefined)
      found.set(Name, { text: Value, writtenAt: LastModifiedDate?.toISOString() });
}

type Deserialize = <Args, Output extends { response: unknown }>(
  next: (args: Args) => Promise<Output>,
) => (args: Args) => Promise<Output>;

/** Reads the Date header of the very replies that are looked at. */
function serverClock(clock: Clock): { readonly listen: Deserialize; now(): number } {
  let heard: number | undefined;
  return {
    listen: (next) => async (args) => {
      const output = await next(args);
      const { headers } = output.response as { headers?: Readonly<Record<string, string>> };
      const time = Date.parse(headers?.["date"] ?? "");
      if (!Number.isNaN(time)) heard = time;
      return output;
    },
    now: () => heard ?? clock.now(),
  };
}

/** PutParameter without Overwrite: an atomic create. */
export function createParameter(name: string, value: string, ports: StorePorts): Promise<"created" | "exists"> {
  return ssmCalls(ports)<"created" | "exists">({
    ...writing(name),
    send: async (client, sdk, options) => {
      const input = { Name: name, Value: value, Type: "String", Overwrite: false } as const;
      await client.send(new sdk.PutParameterCommand(input), options);
      return "created";
    },
    answers: { ParameterAlreadyExists: () => "exists" },
  });
}

/** One that is not there is as good as deleted. */
export async function deleteParameter(name: string, ports: StorePorts): Promise<void> {
  await ssmCalls(ports)<unknown>({
    ...writing(name),
    send: (client, sdk, options) => client.send(new sdk.DeleteParameterCommand({ Name: name }), options),
    answers: { ParameterNotFound: () => undefined },
  });
}

/** What a write is called, and what only writes meet: "refused, nothing changed" would be a lie where it may be there. */
function writing(name: string): Pick<Parameters<SsmCall>[0], "doing" | "words"> {
  const doing = `writing the ledger's ${name}`;
  return {
    doing,
    words: (cause, mayBeTaken) => {
      const { message, next } = awsFailure(cause, doing);
      if (mayBeTaken)
        return new ThreadsError("OUTCOME_UNKNOWN", {
          message: `${message}; it may be written all the same`,
          next: [`aws ssm get-parameter --name ${name}`, ...next],
          cause,
        });
      if (cause.name !== "TooManyUpdates") return undefined;
      return new ThreadsError("LEDGER_BUSY", {
        message: `AWS kept refusing to write ${name} because of other updates`,
        next: ["try again in a minute"],
        cause,
      });
    },
  };
}

/** A parameter that is known to exist; a read may come too early for it. */
export async function readParameter(name: string, ports: StorePorts): Promise<string> {
  const call = ssmCalls(ports);
  const read = (): Promise<string | undefined> =>
    call({
      doing: `reading the ledger's ${name}`,
      send: async (client, sdk, options) =>
        (await client.send(new sdk.GetParameterCommand({ Name: name }), options)).Parameter?.Value,
      answers: { ParameterNotFound: () => undefined },
    });
  const { clock, signal } = ports;
  return (await until(read, { clock, signal, timeoutMs: 10_000, pausesOnly: true, pauseMs: 200 })) ?? "";
}
