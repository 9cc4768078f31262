import { randomUUID } from "node:crypto";
import { createServer, type IncomingMessage, type RequestListener, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { ECRClient } from "@aws-sdk/client-ecr";
import { STSClient } from "@aws-sdk/client-sts";
import type { AwsClients } from "../../src/lib/aws/clients.ts";
import { type Digest, digestOf } from "../../src/lib/image/digest.ts";
import { inProcess } from "./in-process-http.ts";
import { type FakeState, answers, emptyState, Refusal } from "./ecr-operations.ts";
import { unsigned } from "./unsigned.ts";

/** How one operation goes wrong; the effect of a `lost-reply` happens, but its answer never arrives. */
interface Fault {
  readonly operation: string;
  /** So many times, then all is well again. */
  readonly times: number;
  readonly how: "lost-reply" | "cut" | { readonly error: string; readonly status?: number };
}

export interface FakeEcr extends AsyncDisposable {
  readonly url: string;
  /** `127.0.0.1:PORT`: the host of image references. */
  readonly host: string;
  readonly state: FakeState;
  /** Operations in the order in which they came, refused ones included. */
  readonly calls: readonly string[];
  readonly aws: Pick<AwsClients, "region" | "ecr" | "sts">;
  fail(fault: Fault): void;
  /** Nothing fails any more. */
  heal(): void;
  /** Runs once, after the next such operation was answered inside: to move a tag behind the CLI's back. */
  after(operation: string, then: () => void): void;
  /** Puts an image as docker push would, and returns its manifest's digest. */
  push(repository: string, tag: string, image: { readonly config: string }): Digest;
}

export interface FakeOptions {
  readonly account?: string;
  readonly repositories?: readonly string[];
  /** Tries that the SDK makes by itself. */
  readonly attempts?: number;
}

/** A small ECR and STS over real HTTP, for the real SDK: enough for publish and promote, with faults on request. */
export async function fakeEcr(options: FakeOptions = {}): Promise<FakeEcr> {
  const state = emptyState(options);
  const faults: { fault: Fault; left: number }[] = [];
  const hooks = new Map<string, () => void>();
  const calls: string[] = [];
  // An idle connection stays: on a busy machine it would else be closed under a request that is on its way.
  const listener: RequestListener = (request, response) =>
    void answer(request, response, { state, faults, hooks, calls });
  const server = createServer({ keepAliveTimeout: 0 }, listener);
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const host = `127.0.0.1:${String((server.address() as AddressInfo).port)}`;
  state.url = `http://${host}`;
  const settings = {
    region: "eu-west-1",
    endpoint: state.url,
    credentials: { accessKeyId: "test", secretAccessKey: "test" },
    maxAttempts: options.attempts ?? 2,
    signer: unsigned,
    requestHandler: inProcess(() => (server.listening ? listener : undefined)),
  };
  const [ecr, sts] = [new ECRClient(settings), new STSClient(settings)];
  return {
    url: state.url,
    host,
    state,
    calls,
    aws: { region: settings.region, ecr: () => Promise.resolve(ecr), sts: () => Promise.resolve(sts) },
    fail: (fault) => faults.push({ fault, left: fault.times }),
    heal: () => faults.splice(0),
    after: (operation, then) => hooks.set(operation, then),
    push: (repository, tag, image) => push(state, { repository, tag, config: image.config }),
    [Symbol.asyncDispose]: async () => {
      ecr.destroy();
      sts.destroy();
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

/** The clients as a whole, for what wants all of them; the fake has no SSM. */
export function awsOf(ecr: FakeEcr): AwsClients {
  const none = () => Promise.reject(new Error("this fake has no SSM"));
  return { ...ecr.aws, ssm: none, ssmOnce: none, logs: none, ecs: none, secrets: none };
}

interface Serving {
  readonly state: FakeState;
  readonly faults: { fault: Fault; left: number }[];
  readonly hooks: Map<string, () => void>;
  readonly calls: string[];
}

async function answer(request: IncomingMessage, response: ServerResponse, serving: Serving): Promise<void> {
  const chunks: Buffer[] = [];
  for await (const chunk of request as AsyncIterable<Buffer>) chunks.push(chunk);
  const body = Buffer.concat(chunks).toString();
  const target = String(request.headers["x-amz-target"] ?? "");
  const operation = target.split(".")[1] ?? new URLSearchParams(body).get("Action") ?? "";
  serving.calls.push(operation);
  const broken = serving.faults.find(({ fault, left }) => left > 0 && fault.operation === operation);
  if (broken !== undefined) broken.left -= 1;
  const how = broken?.fault.how;
  if (how === "cut") return void request.socket.destroy();
  const reply = perform(operation, how, { body, state: serving.state });
  const hook = serving.hooks.get(operation);
  serving.hooks.delete(operation);
  hook?.();
  if (how === "lost-reply") return void request.socket.destroy();
  response.writeHead(reply.status, { "content-type": reply.type });
  response.end(reply.body);
}

function perform(
  operation: string,
  how: Fault["how"] | undefined,
  { body, state }: { body: string; state: FakeState },
): { status: number; type: string; body: string } {
  const json = "application/x-amz-json-1.1";
  try {
    if (typeof how === "object") throw new Refusal(how.error, "made to fail", how.status);
    if (operation === "GetCallerIdentity") return { status: 200, type: "text/xml", body: identity(state.account) };
    const known = answers[operation];
    if (known === undefined) throw new Refusal("UnknownOperationException", operation);
    return { status: 200, type: json, body: JSON.stringify(known(state, JSON.parse(body) as Record<string, unknown>)) };
  } catch (error) {
    if (!(error instanceof Refusal)) throw error;
    if (operation === "GetCallerIdentity") return { status: error.status, type: "text/xml", body: queryFailure(error) };
    const failure = { __type: error.name, message: error.message };
    return { status: error.status, type: json, body: JSON.stringify(failure) };
  }
}

function identity(account: string): string {
  const result = `<Arn>arn:aws:iam::${account}:user/test</Arn><UserId>AIDTEST</UserId><Account>${account}</Account>`;
  return `<GetCallerIdentityResponse xmlns="https://sts.amazonaws.com/doc/2011-06-15/"><GetCallerIdentityResult>${result}</GetCallerIdentityResult><ResponseMetadata><RequestId>${randomUUID()}</RequestId></ResponseMetadata></GetCallerIdentityResponse>`;
}

/** STS speaks the query protocol, in which an exception's name has no ending. */
function queryFailure({ name, message }: Refusal): string {
  const code = name.replace(/Exception$/, "");
  return `<ErrorResponse xmlns="https://sts.amazonaws.com/doc/2011-06-15/"><Error><Type>Sender</Type><Code>${code}</Code><Message>${message}</Message></Error><RequestId>${randomUUID()}</RequestId></ErrorResponse>`;
}

function push(state: FakeState, image: { repository: string; tag: string; config: string }): Digest {
  const repository = state.repositories.get(image.repository);
  if (repository === undefined) throw new Error(`no repository ${image.repository}`);
  const mediaType = "application/vnd.docker.distribution.manifest.v2+json";
  const config = { digest: digestOf(image.config), size: image.config.length };
  // Indented, as docker writes it: whoever re-serialises it gets another digest.
  const body = JSON.stringify({ schemaVersion: 2, mediaType, config, layers: [] }, null, 3);
  const digest = digestOf(body);
  repository.blobs.set(config.digest, Buffer.from(image.config));
  repository.manifests.set(digest, { body, mediaType });
  repository.tags.set(image.tag, digest);
  return digest;
}
