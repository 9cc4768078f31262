import { randomBytes } from "node:crypto";
import type { SSMClient } from "@aws-sdk/client-ssm";
import type { AwsClients } from "../aws/clients.ts";
import { awsFailure } from "../aws/failure.ts";
import type { Clock } from "../clock/clock.ts";
import { until } from "../clock/until.ts";
import { ThreadsError } from "../errors/threads-error.ts";
import { authorText } from "./author.ts";
import type { Deployment, Intent, IntentDraft, Ledger, Outcome } from "./ledger.ts";
import { decodeIntent, decodeOutcome, encodeRecord } from "./record.ts";

interface LedgerPorts {
  readonly aws: Pick<AwsClients, "ssm">;
  readonly clock: Clock;
  readonly app: string;
}

/** A page of GetParametersByPath holds at most ten (API reference). */
const pageSize = 10;
const digits = 6;

/** The ledger in Parameter Store: `/<app>/<environment>/deployments/000001` and `…/000001/outcome`. */
export function parameterLedger(ports: LedgerPorts): Ledger {
  const folder = (environment: string): string => `/${ports.app}/${environment}/deployments`;
  const path = (environment: string, number: number): string =>
    `${folder(environment)}/${String(number).padStart(digits, "0")}`;
  return {
    deployments: async (environment) => assemble(await readAll(await ports.aws.ssm(), folder(environment))),
    begin: (environment, number, draft) => begin(path(environment, number), { number, draft, environment }, ports),
    finish: (environment, outcome) => finish(`${path(environment, outcome.number)}/outcome`, outcome, ports),
  };
}

/** Every parameter below the folder; the order of pages is not documented, so all are read and sorted. */
async function readAll(client: SSMClient, folder: string): Promise<ReadonlyMap<string, string>> {
  const { GetParametersByPathCommand } = await import("@aws-sdk/client-ssm");
  const found = new Map<string, string>();
  let next: string | undefined;
  try {
    do {
      const page = await client.send(
        new GetParametersByPathCommand({
          Path: folder,
          Recursive: true,
          MaxResults: pageSize,
          ...(next === undefined ? {} : { NextToken: next }),
        }),
      );
      for (const { Name, Value } of page.Parameters ?? [])
        if (Name !== undefined && Value !== undefined) found.set(Name, Value);
      next = page.NextToken;
    } while (next !== undefined && next !== "");
  } catch (error) {
    throw awsFailure(error, `reading the ledger ${folder}`);
  }
  return found;
}

function assemble(parameters: ReadonlyMap<string, string>): readonly Deployment[] {
  return [...parameters]
    .filter(([name]) => /\/\d+$/.test(name))
    .map(([name, text]) => {
      const outcome = parameters.get(`${name}/outcome`);
      return {
        intent: decodeIntent(name, text),
        outcome: outcome === undefined ? undefined : decodeOutcome(`${name}/outcome`, outcome),
      };
    })
    .toSorted((one, other) => other.intent.number - one.intent.number);
}

interface Beginning {
  readonly number: number;
  readonly draft: IntentDraft;
  readonly environment: string;
}

async function begin(name: string, { number, draft, environment }: Beginning, ports: LedgerPorts): Promise<Intent> {
  const intent: Intent = { schema: 1, number, ...draft, nonce: randomBytes(8).toString("hex") };
  if ((await create(name, encodeRecord(intent), ports)) === "created") return intent;
  const there = decodeIntent(name, await read(name, ports));
  // An SDK retry after a lost reply meets one's own record.
  if (there.nonce === intent.nonce) return intent;
  throw new ThreadsError("conflict", {
    code: "DEPLOYMENT_TAKEN",
    message: `${authorText(there.by)} began deployment ${number} of ${environment} at the same moment`,
    next: [`threads status -e ${environment}`],
  });
}

async function finish(name: string, outcome: Outcome, ports: LedgerPorts): Promise<void> {
  const text = encodeRecord(outcome);
  if ((await create(name, text, ports)) === "created") return;
  const there = decodeOutcome(name, await read(name, ports));
  if (there.nonce === outcome.nonce && there.result === outcome.result) return;
  throw new ThreadsError("conflict", {
    code: "OUTCOME_TAKEN",
    message: `deployment ${outcome.number} has an outcome already (${there.result}), so ${outcome.result} was not written`,
    next: ["threads status"],
  });
}

/** PutParameter without Overwrite: an atomic create. TooManyUpdates is AWS asking to try again. */
async function create(name: string, value: string, { aws, clock }: LedgerPorts): Promise<"created" | "exists"> {
  const [client, { PutParameterCommand }] = await Promise.all([aws.ssm(), import("@aws-sdk/client-ssm")]);
  const done = await until(
    async () => {
      try {
        await client.send(new PutParameterCommand({ Name: name, Value: value, Type: "String", Overwrite: false }));
        return "created" as const;
      } catch (error) {
        const { name: kind } = error as Error;
        if (kind === "ParameterAlreadyExists") return "exists" as const;
        if (kind === "TooManyUpdates") return undefined;
        throw awsFailure(error, `writing the ledger's ${name}`);
      }
    },
    { clock, timeoutMs: 15_000, pauseMs: 300 },
  );
  if (done !== undefined) return done;
  throw new ThreadsError("conflict", {
    code: "LEDGER_BUSY",
    message: `AWS kept refusing to write ${name} because of other updates`,
    next: ["try again in a minute"],
  });
}

/** A parameter that is known to exist; a read may come too early for it. */
async function read(name: string, { aws, clock }: LedgerPorts): Promise<string> {
  const [client, { GetParameterCommand }] = await Promise.all([aws.ssm(), import("@aws-sdk/client-ssm")]);
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
