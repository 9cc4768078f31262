import { createServer, type IncomingMessage, type RequestListener, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { SSMClient } from "@aws-sdk/client-ssm";
import type { AwsClients } from "../../src/lib/aws/clients.ts";
import { openContact } from "../../src/lib/aws/contact.ts";
import { inProcess } from "./in-process-http.ts";
import { commandOperations } from "./ssm-commands.ts";
import { parameterOperations } from "./ssm-parameters.ts";
import { type FakeHost, type Input, Refusal } from "./ssm-protocol.ts";
import { unsigned } from "./unsigned.ts";

interface FaultyReply {
  readonly type: string;
  readonly status?: number;
  readonly message?: string;
  /** It took effect all the same. */
  readonly done?: boolean;
}

type Fault = "drop" | "lose-reply" | FaultyReply;

const region = "eu-west-1";
const credentials = { accessKeyId: "AKIDEXAMPLE", secretAccessKey: "example" };

/**
 * SSM on this machine, for fast tests: Run Command, managed nodes and Parameter Store as far as `threads` uses them, in
 * the AWS JSON protocol. Stateful; pages are small, replies can be lost and throttled, and results appear late.
 */
export class FakeSsm {
  readonly hosts = new Map<string, FakeHost>();
  /** Operation names in the order in which they arrived. */
  readonly calls: string[] = [];
  /** Items on a page where a request does not ask for fewer. */
  pageSize = 50;
  /** The server's own clock, by which it dates its replies and its parameters: milliseconds since the epoch. */
  now: () => number = () => Date.now();
  /** How many looks a new command's invocations stay invisible. */
  invisibleLooks = 1;
  readonly commands = commandOperations(this);
  readonly parameters = parameterOperations(() => this.now());
  readonly #faults = new Map<string, Fault[]>();
  #client: SSMClient | undefined;
  #server: Server | undefined;
  readonly #listener: RequestListener = (request, response) => void this.#answer(request, response);

  async open(): Promise<void> {
    // An idle connection stays: on a busy machine it would else be closed under a request that is on its way.
    this.#server = createServer({ keepAliveTimeout: 0 }, this.#listener);
    await new Promise<void>((resolve) => this.#server?.listen(0, "127.0.0.1", resolve));
  }

  async close(): Promise<void> {
    this.#client?.destroy();
    this.#server?.closeAllConnections();
    await new Promise((resolve) => this.#server?.close(resolve));
  }

  addHost(host: FakeHost): void {
    this.hosts.set(host.id, host);
  }

  /** The next calls of an operation meet these faults, one each. `lose-reply`: done, but nobody hears of it. */
  fail(operation: string, ...faults: Fault[]): void {
    this.#faults.set(operation, [...(this.#faults.get(operation) ?? []), ...faults]);
  }

  count(operation: string): number {
    return this.calls.filter((name) => name === operation).length;
  }

  /** Clients that make one try: the SDK's own pauses take real time, and what comes after them is ours to prove. */
  clients(): AwsClients {
    const requestHandler = inProcess(() => (this.#server?.listening === true ? this.#listener : undefined));
    const settings = { region, endpoint: this.url, credentials, maxAttempts: 1, requestHandler, signer: unsigned };
    const client = (this.#client ??= new SSMClient(settings));
    const ssm = (): Promise<SSMClient> => Promise.resolve(client);
    const none = () => Promise.reject(new Error("this fake has SSM alone"));
    return {
      region,
      contact: openContact(),
      ssm,
      ssmOnce: ssm,
      ecr: none,
      sts: none,
      logs: none,
      ecs: none,
      secrets: none,
    };
  }

  get url(): string {
    return `http://127.0.0.1:${this.#address().port}`;
  }

  #address(): AddressInfo {
    const address = this.#server?.address();
    if (address === undefined || address === null || typeof address === "string")
      throw new Error("the fake SSM is not open");
    return address;
  }

  async #answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk as Buffer);
    const name = String(request.headers["x-amz-target"] ?? "").split(".")[1] ?? "";
    this.calls.push(name);
    const fault = this.#faults.get(name)?.shift();
    if (fault === "drop") return void request.socket.destroy();
    try {
      const refusal =
        typeof fault === "object"
          ? new Refusal(fault.type, fault.message ?? fault.type, fault.status ?? 400)
          : undefined;
      if (refusal !== undefined && (fault as FaultyReply).done !== true) throw refusal;
      const operation = { ...this.commands.operations, ...this.parameters.operations }[name];
      if (operation === undefined) throw new Refusal("UnknownOperationException", name);
      const reply = operation(JSON.parse(Buffer.concat(chunks).toString() || "{}") as Input);
      if (refusal !== undefined) throw refusal;
      if (fault === "lose-reply") return void request.socket.destroy();
      this.#send(response, 200, reply);
    } catch (error) {
      const { type, message, status } =
        error instanceof Refusal ? error : new Refusal("InternalServerError", String(error), 500);
      this.#send(response, status, { __type: type, message });
    }
  }

  #send(response: ServerResponse, status: number, body: unknown): void {
    const date = new Date(this.now()).toUTCString();
    response.writeHead(status, { "content-type": "application/x-amz-json-1.1", date });
    response.end(JSON.stringify(body));
  }
}
