import { randomUUID } from "node:crypto";
import { mkdtempSync, rmSync } from "node:fs";
import { createServer, type IncomingMessage, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import {
  GetCommandInvocationCommand,
  type GetCommandInvocationCommandOutput,
  SendCommandCommand,
  type SendCommandCommandInput,
  SSMClient,
} from "@aws-sdk/client-ssm";
import { type JsonService, ServiceError } from "../../../../../src/lib/sandbox/server/protocol.ts";
import { type HostExecutor, type Pace, realPace } from "../../../../../src/lib/sandbox/server/ssm/hosts.ts";
import { createSsmOn, type LogPorts } from "../../../../../src/lib/sandbox/server/ssm/ssm.ts";
import { localHosts, type LocalHosts } from "./local-hosts.ts";

export const web1 = "i-0aaaaaaaaaaaaaaa1";
export const web2 = "i-0aaaaaaaaaaaaaaa2";
export const staging = "i-0aaaaaaaaaaaaaaa3";

/** The service behind real HTTP, with the real SDK as its client. */
export interface SsmHarness {
  /** What commands run on, unless another executor was given. */
  readonly hosts: LocalHosts;
  readonly client: SSMClient;
  /** Forgets the running service and starts another one on the same state, as a restart of the server does. */
  restart(): Promise<void>;
  /** Sends to web1 unless the input says otherwise; the command id. */
  send(commands: readonly string[], input?: Partial<SendCommandCommandInput>): Promise<string>;
  /** Waits for the final state of one invocation. */
  finished(commandId: string, instanceId?: string): Promise<GetCommandInvocationCommandOutput>;
  invocation(commandId: string, instanceId?: string): Promise<GetCommandInvocationCommandOutput>;
  close(): Promise<void>;
}

export async function startHarness(
  options: {
    readonly pace?: Pace;
    readonly hiddenFor?: number;
    readonly executor?: HostExecutor;
    readonly logs?: LogPorts;
  } = {},
): Promise<SsmHarness> {
  const hosts = localHosts({
    [web1]: { "threads-env": "prod", role: "web" },
    [web2]: { "threads-env": "prod", role: "batch" },
    [staging]: { "threads-env": "staging", role: "web" },
  });
  const stateDir = mkdtempSync(join(tmpdir(), "threads-ssm-state-"));
  const begin = async (): Promise<Life> => {
    const life = mortal(options.executor ?? hosts, options.pace ?? realPace);
    // Hosts that go away are what these tests are about.
    const quiet = { hiddenFor: options.hiddenFor ?? 0, report: () => {} };
    return { service: await createSsmOn({ stateDir, ...life, ...quiet, logs: options.logs }), end: life.end };
  };
  let { service, end } = await begin();
  const server = await serve(() => service);
  const client = ssmClient(server);
  const invocation: SsmHarness["invocation"] = (CommandId, InstanceId = web1) =>
    client.send(new GetCommandInvocationCommand({ CommandId, InstanceId }));
  return {
    hosts,
    client,
    invocation,
    async restart() {
      end();
      ({ service, end } = await begin());
    },
    async send(commands, input = {}) {
      const target = input.Targets === undefined ? { InstanceIds: [web1] } : {};
      const Parameters = { commands: [...commands], ...input.Parameters };
      const request = { DocumentName: "AWS-RunShellScript", ...target, ...input, Parameters };
      return (await client.send(new SendCommandCommand(request))).Command?.CommandId ?? "";
    },
    async finished(commandId, instanceId = web1) {
      return eventually(async () => {
        const found = await invocation(commandId, instanceId);
        return ["Pending", "InProgress", "Cancelling"].includes(found.StatusDetails ?? "") ? undefined : found;
      });
    },
    async close() {
      end();
      client.destroy();
      server.closeAllConnections();
      server.close();
      hosts.close();
      rmSync(stateDir, { recursive: true, force: true, maxRetries: 5 });
    },
  };
}

interface Life {
  readonly service: JsonService;
  readonly end: () => void;
}

/**
 * Ports of a server whose process can end: then nothing that it waits for ever comes. Otherwise it would go on looking after
 * its commands beside its successor, and for as long as the worker of these tests lives.
 */
function mortal(executor: HostExecutor, pace: Pace): { executor: HostExecutor; pace: Pace; end: () => void } {
  let dead = false;
  const whileAlive = <T>(coming: Promise<T>): Promise<T> =>
    new Promise((resolve, reject) => {
      coming.then(
        (value) => dead || resolve(value),
        (error: unknown) => dead || reject(error as Error),
      );
    });
  return {
    executor: {
      hosts: () => whileAlive(executor.hosts()),
      run: (host, shell) => whileAlive(executor.run(host, shell)),
      restart: (host) => whileAlive(executor.restart(host)),
    },
    pace: { now: () => pace.now(), sleep: (milliseconds) => whileAlive(pace.sleep(milliseconds)) },
    end: () => {
      dead = true;
    },
  };
}

/** Waits for a value with a deadline; `undefined` and exceptions mean "not yet". @throws Error whose cause is the last exception */
export async function eventually<T>(look: () => Promise<T | undefined>, deadline = 15_000): Promise<T> {
  const end = Date.now() + deadline;
  for (;;) {
    let cause: unknown;
    const found = await look().catch((error: unknown) => {
      cause = error;
      return undefined;
    });
    if (found !== undefined) return found;
    if (Date.now() > end) throw new Error(`not true within ${deadline} ms: ${String(cause)}`, { cause });
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}

/** Real time that a test can move forward: nothing depends on how fast this machine is. */
export interface MovablePace extends Pace {
  skip(milliseconds: number): void;
}

export function movablePace(): MovablePace {
  let skipped = 0;
  return {
    now: () => Date.now() + skipped,
    sleep: () => realPace.sleep(20),
    skip(milliseconds) {
      skipped += milliseconds;
    },
  };
}

function ssmClient(server: Server): SSMClient {
  const { port } = server.address() as AddressInfo;
  return new SSMClient({
    region: "eu-west-1",
    endpoint: `http://127.0.0.1:${port}`,
    credentials: { accessKeyId: "AKIATEST", secretAccessKey: "secret" },
    maxAttempts: 1,
  });
}

/** Enough of AWS JSON 1.1 for the SDK; signatures are the dispatcher's business. */
function serve(service: () => JsonService): Promise<Server> {
  const server = createServer((request, response) => {
    readText(request)
      .then((body) => answer(service(), String(request.headers["x-amz-target"]), body))
      .then(({ status, body }) => response.writeHead(status, { "content-type": jsonType }).end(JSON.stringify(body)))
      .catch((error: unknown) => response.destroy(error as Error));
  });
  return new Promise((resolve) => {
    server.listen(0, "127.0.0.1", () => resolve(server));
  });
}

const jsonType = "application/x-amz-json-1.1";

async function answer(service: JsonService, target: string, body: string) {
  const identity = { account: "000000000000", accessKeyId: "AKIATEST", arn: "arn:aws:iam::000000000000:user/ci" };
  const call = { identity, requestId: randomUUID(), region: "eu-west-1" };
  try {
    const run = service.operations[target.split(".")[1] ?? ""];
    if (run === undefined) throw new ServiceError("UnknownOperationException", target);
    return { status: 200, body: await run(JSON.parse(body) as Record<string, unknown>, call) };
  } catch (error) {
    const known = error instanceof ServiceError ? error : new ServiceError("InternalServerError", String(error), 500);
    return { status: known.status, body: { __type: known.type, message: known.message } };
  }
}

/** The whole body of a request. */
export async function readText(request: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks).toString("utf8");
}
