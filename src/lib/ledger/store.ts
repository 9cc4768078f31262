import type { AwsClients } from "../aws/clients.ts";
import { awsFailure } from "../aws/failure.ts";
import type { Clock } from "../clock/clock.ts";
import { until } from "../clock/until.ts";
import { ThreadsError } from "../errors/threads-error.ts";

/** What the records are kept with. */
export interface StorePorts {
  readonly aws: Pick<AwsClients, "ssm">;
  readonly clock: Clock;
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
export async function readFolder(folder: string, { aws, clock }: StorePorts): Promise<Reading> {
  const [client, { GetParametersByPathCommand }] = await Promise.all([aws.ssm(), import("../aws/ssm-sdk.ts")]);
  const found = new Map<string, Stored>();
  const server = serverClock(clock);
  let next: string | undefined;
  try {
    do {
      const command = new GetParametersByPathCommand({
        Path: folder,
        Recursive: true,
        MaxResults: pageSize,
        ...(next === undefined ? {} : { NextToken: next }),
      });
      command.middlewareStack.add(server.listen, { step: "deserialize", priority: "low" });
      const page = await client.send(command);
      keep(found, page.Parameters);
      next = page.NextToken;
    } while (next !== undefined && next !== "");
  } catch (error) {
    throw awsFailure(error, `reading the ledger ${folder}`);
  }
  return { found, serverTime: server.now() };
}

/** Those of the parameters that exist, in one call; at most ten names (API reference). */
export async function findParameters(names: readonly string[], { aws, clock }: StorePorts): Promise<Reading> {
  const [client, { GetParametersCommand }] = await Promise.all([aws.ssm(), import("../aws/ssm-sdk.ts")]);
  const found = new Map<string, Stored>();
  const server = serverClock(clock);
  try {
    const command = new GetParametersCommand({ Names: [...names] });
    command.middlewareStack.add(server.listen, { step: "deserialize", priority: "low" });
    keep(found, (await client.send(command)).Parameters);
  } catch (error) {
    throw awsFailure(error, `reading ${names.join(" and ")}`);
  }
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

/** PutParameter without Overwrite: an atomic create. TooManyUpdates is AWS asking to try again. */
export async function createParameter(
  name: string,
  value: string,
  { aws, clock }: StorePorts,
): Promise<"created" | "exists"> {
  const [client, { PutParameterCommand }] = await Promise.all([aws.ssm(), import("../aws/ssm-sdk.ts")]);
  return patiently(name, clock, async () => {
    try {
      await client.send(new PutParameterCommand({ Name: name, Value: value, Type: "String", Overwrite: false }));
      return "created";
    } catch (error) {
      if ((error as Error).name === "ParameterAlreadyExists") return "exists";
      throw error;
    }
  });
}

/** @returns whether it was there */
export async function deleteParameter(name: string, { aws, clock }: StorePorts): Promise<boolean> {
  const [client, { DeleteParameterCommand }] = await Promise.all([aws.ssm(), import("../aws/ssm-sdk.ts")]);
  return patiently(name, clock, async () => {
    try {
      await client.send(new DeleteParameterCommand({ Name: name }));
      return true;
    } catch (error) {
      if ((error as Error).name === "ParameterNotFound") return false;
      throw error;
    }
  });
}

async function patiently<T>(name: string, clock: Clock, change: () => Promise<T>): Promise<T> {
  const done = await until(
    async () => {
      try {
        return { value: await change() };
      } catch (error) {
        if ((error as Error).name === "TooManyUpdates") return undefined;
        throw awsFailure(error, `writing the ledger's ${name}`);
      }
    },
    { clock, timeoutMs: 15_000, pauseMs: 300 },
  );
  if (done !== undefined) return done.value;
  throw new ThreadsError("LEDGER_BUSY", {
    message: `AWS kept refusing to write ${name} because of other updates`,
    next: ["try again in a minute"],
  });
}

/** A parameter that is known to exist; a read may come too early for it. */
export async function readParameter(name: string, { aws, clock }: StorePorts): Promise<string> {
  const [client, { GetParameterCommand }] = await Promise.all([aws.ssm(), import("../aws/ssm-sdk.ts")]);
  const value = await until(
    async () => {
      try {
        return (await client.send(new GetParameterCommand({ Name: name }))).Parameter?.Value;
      } catch (error) {
        if ((error as Error).name === "ParameterNotFound") return undefined;
        throw awsFailure(error, `reading the ledger's ${name}`);
      }
    },
    { clock, timeoutMs: 10_000, pauseMs: 200 },
  );
  return value ?? "";
}
