import { inParts } from "../aws/in-parts.ts";
import { type CallPorts, pages } from "../aws/patient-calls.ts";
import type { AwsClients } from "../aws/clients.ts";
import { type SsmCall, ssmCalls } from "../aws/ssm-calls.ts";
import { awsFailure } from "../aws/failure.ts";
import { until } from "../clock/until.ts";
import { ThreadsError } from "../errors/threads-error.ts";
import { serverClock } from "./server-clock.ts";

/** What parameters are read and written with. */
export interface ParameterPorts extends CallPorts {
  readonly aws: Pick<AwsClients, "ssm" | "contact">;
}

/** What the records are kept with. */
export interface StorePorts extends ParameterPorts {
  /** First part of every name. */
  readonly app: string;
  /** Of this CLI: written into records, and told where a newer threads wrote one. */
  readonly version: string;
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
  /** How many times it was written by then; undefined where the server does not say. */
  readonly number?: number | undefined;
}

/** A call takes ten names at most, and a page has ten parameters at most (API reference). */
const mostNames = 10;

/** Calls at once: all reads of an account share 40 a second (service quotas). */
const mostCalls = 40;

/** Every parameter below the folder; the order of pages is not documented, so all are read. */
export async function readFolder(folder: string, ports: ParameterPorts): Promise<Reading> {
  const found = new Map<string, Stored>();
  let serverTime = ports.clock.now();
  for await (const page of pages((token) => readPage({ folder, token }, ports))) {
    for (const [name, stored] of page.found) found.set(name, stored);
    serverTime = page.serverTime;
  }
  return { found, serverTime };
}

/** Some of the parameters below the folder, ten at most; there are more where there is a token, also behind an empty page. */
export async function readPage(
  what: { readonly folder: string; readonly token: string | undefined },
  ports: ParameterPorts,
): Promise<Reading & { readonly nextToken: string | undefined }> {
  const server = serverClock(ports.clock);
  const { folder, token } = what;
  const reply = await ssmCalls(ports)({
    doing: `reading the ledger ${folder}`,
    send: (client, { GetParametersByPathCommand }, options) => {
      const command = new GetParametersByPathCommand({
        Path: folder,
        Recursive: true,
        MaxResults: mostNames,
        ...(token === undefined ? {} : { NextToken: token }),
      });
      command.middlewareStack.add(server.listen, { step: "deserialize", priority: "low" });
      return client.send(command, options);
    },
  });
  const nextToken = reply.NextToken === "" ? undefined : reply.NextToken;
  return { found: new Map(stored(reply.Parameters)), serverTime: server.now(), nextToken };
}

/** How long a call is tried beyond the SDK's own tries, in milliseconds; as long as any other where undefined. */
export interface Patience {
  readonly patienceMs?: number;
}

/** Those of the parameters that exist: ten names a call, the calls beside each other. */
export async function findParameters(
  names: readonly string[],
  ports: ParameterPorts,
  patience: Patience = {},
): Promise<Reading> {
  const call = ssmCalls(ports);
  const found = new Map<string, Stored>();
  const server = serverClock(ports.clock);
  const parts = inParts(names, mostNames).values();
  const worker = async (): Promise<void> => {
    for (const some of parts) {
      const reply = await call({
        ...patience,
        doing: `reading ${some.length > 2 ? `${some[0] ?? ""} and others` : some.join(" and ")}`,
        send: (client, { GetParametersCommand }, options) => {
          const command = new GetParametersCommand({ Names: [...some] });
          command.middlewareStack.add(server.listen, { step: "deserialize", priority: "low" });
          return client.send(command, options);
        },
      });
      for (const [name, one] of stored(reply.Parameters)) found.set(name, one);
    }
  };
  await Promise.all(Array.from({ length: mostCalls }, worker));
  return { found, serverTime: server.now() };
}

interface Parameter {
  readonly Name?: string | undefined;
  readonly Value?: string | undefined;
  readonly LastModifiedDate?: Date | undefined;
  readonly Version?: number | undefined;
}

function stored(parameters: readonly Parameter[] = []): [string, Stored][] {
  return parameters.flatMap(({ Name, Value, LastModifiedDate, Version: number }): [string, Stored][] =>
    Name === undefined || Value === undefined
      ? []
      : [[Name, { text: Value, writtenAt: LastModifiedDate?.toISOString(), number }]],
  );
}

/** PutParameter without Overwrite: an atomic create. */
export function createParameter(
  name: string,
  value: string,
  ports: ParameterPorts,
  patience: Patience = {},
): Promise<"created" | "exists"> {
  return ssmCalls(ports)<"created" | "exists">({
    ...writing(name),
    ...patience,
    send: async (client, { PutParameterCommand }, given) => {
      await client.send(new PutParameterCommand({ Name: name, Value: value, Type: "String", Overwrite: false }), given);
      return "created";
    },
    answers: { ParameterAlreadyExists: () => "exists" },
  });
}

/**
 * PutParameter with Overwrite; as a hint, which it mostly is, not tried beyond the SDK's own tries.
 * @returns how many times it was written by then, this time included
 */
export function overwriteParameter(
  name: string,
  value: string,
  ports: ParameterPorts,
  patience: Patience = { patienceMs: 0 },
): Promise<number | undefined> {
  return ssmCalls(ports)({
    ...writing(name),
    ...patience,
    send: async (client, { PutParameterCommand }, given) => {
      const command = new PutParameterCommand({ Name: name, Value: value, Type: "String", Overwrite: true });
      return (await client.send(command, given)).Version;
    },
  });
}

/** One that is not there is as good as deleted. */
export async function deleteParameter(name: string, ports: ParameterPorts, patience: Patience = {}): Promise<void> {
  await ssmCalls(ports)<unknown>({
    ...writing(name),
    ...patience,
    send: (client, { DeleteParameterCommand }, options) =>
      client.send(new DeleteParameterCommand({ Name: name }), options),
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
        advice: ["try again in a minute"],
        cause,
      });
    },
  };
}

/** Deletes those that are there; ten names a call, one call after another (3 a second, service quotas). */
export async function deleteParameters(names: readonly string[], ports: ParameterPorts): Promise<void> {
  for (let start = 0; start < names.length; start += mostNames) {
    const some = names.slice(start, start + mostNames);
    await ssmCalls(ports)({
      doing: `deleting ${some[0] ?? ""} and others`,
      send: (client, { DeleteParametersCommand }, options) =>
        client.send(new DeleteParametersCommand({ Names: some }), options),
    });
  }
}

/** A parameter that is known to exist; a read may come too early for it. */
export async function readParameter(name: string, ports: ParameterPorts): Promise<string> {
  const call = ssmCalls(ports);
  const value = await until(
    () =>
      call<string | undefined>({
        doing: `reading the ledger's ${name}`,
        send: async (client, { GetParameterCommand }, options) =>
          (await client.send(new GetParameterCommand({ Name: name }), options)).Parameter?.Value,
        answers: { ParameterNotFound: () => undefined },
      }),
    { clock: ports.clock, signal: ports.signal, timeoutMs: 10_000, pausesOnly: true, pauseMs: 200 },
  ).catch((error: unknown) => {
    // It was written, and perhaps by ourselves: whoever cannot see that does not know.
    throw error instanceof ThreadsError && error.outcome === "refused" ? error.with({ outcome: "unknown" }) : error;
  });
  return value ?? "";
}
