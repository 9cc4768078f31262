import type { Access } from "../../iam/evaluate.ts";
import { complain, type Exchange, meetFault, reply } from "./exchange.ts";
import type { AccessControl } from "./iam/access-control.ts";
import { identify } from "./iam/identify.ts";
import { type Call, DetailedServiceError, type JsonService, ServiceError } from "./protocol.ts";
import type { Settings } from "./settings.ts";
import type { Credentials, Refusal } from "./sigv4.ts";

export interface Dispatch {
  readonly services: readonly JsonService[];
  readonly settings: Settings;
  readonly credentials: Credentials;
  readonly access: AccessControl;
  /** Milliseconds. */
  readonly now: () => number;
}

/** Names in the credential scope, by X-Amz-Target prefix. */
const signingNames: Readonly<Record<string, string>> = {
  AmazonEC2ContainerRegistry_V20150921: "ecr",
  AmazonEC2ContainerServiceV20141113: "ecs",
  AmazonSSM: "ssm",
  Logs_20140328: "logs",
  secretsmanager: "secretsmanager",
};

/** How JSON 1.1 services name what is wrong with a signature; all are status 400. */
const refusals: Readonly<Record<Refusal, string>> = {
  missing: "MissingAuthenticationTokenException",
  incomplete: "IncompleteSignatureException",
  "unknown-key": "UnrecognizedClientException",
  expired: "ExpiredTokenException",
  "wrong-signature": "InvalidSignatureException",
};

/** Answers one AWS JSON 1.1 request (`POST /` with X-Amz-Target). */
export async function answerJson(exchange: Exchange, body: Buffer, dispatch: Dispatch): Promise<void> {
  try {
    send(exchange, 200, await perform(exchange, body, dispatch));
  } catch (error) {
    const failure = asServiceError(error, exchange);
    const details = failure instanceof DetailedServiceError ? failure.details : {};
    const type = failure.type === "ServerException" ? serverFault(exchange) : failure.type;
    send(exchange, failure.status, { __type: type, message: failure.message, ...details });
  }
}

async function perform(exchange: Exchange, body: Buffer, dispatch: Dispatch): Promise<unknown> {
  const { request, requestId } = exchange;
  const [target = "", name = ""] = String(request.headers["x-amz-target"]).split(".", 2);
  const service = dispatch.services.find((candidate) => candidate.target === target);
  if (service === undefined) throw new ServiceError("UnknownOperationException", `Unknown service: ${target}`);
  const { access, credentials } = dispatch;
  const prefix = signingNames[target] ?? target;
  const identity = identify(
    { method: request.method ?? "", url: request.url ?? "/", headers: request.headers, body },
    { access, credentials, service: prefix, now: dispatch.now() },
  );
  if ("refusal" in identity) throw new ServiceError(refusals[identity.refusal], identity.message);
  const operation = Object.hasOwn(service.operations, name) ? service.operations[name] : undefined;
  if (operation === undefined) throw new ServiceError("UnknownOperationException", `Unknown operation: ${name}`);
  await meetFault(exchange, name, dispatch.settings);
  dispatch.settings.limits.take(name);
  const { region } = credentials;
  const call = { identity, requestId, region };
  const input = parseInput(body);
  // Asked of the hosts, or of the input, for those alone who may not do everything.
  if (identity.session !== undefined) {
    const accesses = await accessesOf(service, name, { prefix, input, call });
    exchange.used = accesses.map(({ action, resource }) => `${action} ${resource}`);
    access.require(identity, accesses);
  }
  return operation(input, call);
}

async function accessesOf(
  { accesses }: JsonService,
  name: string,
  asked: { readonly prefix: string; readonly input: Readonly<Record<string, unknown>>; readonly call: Call },
): Promise<readonly Access[]> {
  const { prefix, input, call } = asked;
  const known = Object.hasOwn(accesses, name) ? accesses[name] : undefined;
  if (known !== undefined) return known(input, call);
  const resource = `arn:aws:${prefix}:${call.region}:${call.identity.account}:*`;
  return [{ action: `${prefix}:${name}`, resource, context: {} }];
}

function parseInput(body: Buffer): Readonly<Record<string, unknown>> {
  try {
    const input: unknown = JSON.parse(body.length === 0 ? "{}" : body.toString("utf8"));
    if (typeof input === "object" && input !== null && !Array.isArray(input)) return input as Record<string, unknown>;
  } catch {
    // The same answer as for JSON that is not an object.
  }
  throw new ServiceError("SerializationException", "The request body is not a JSON object");
}

function asServiceError(error: unknown, exchange: Exchange): ServiceError {
  if (error instanceof ServiceError) return error;
  complain(exchange, error);
  return new ServiceError("ServerException", "These errors are usually caused by a server-side issue.", 500);
}

/** What is the server's own fault has a name of its own in each service. */
function serverFault({ request }: Exchange): string {
  const [target = ""] = String(request.headers["x-amz-target"]).split(".", 1);
  return (
    {
      AmazonSSM: "InternalServerError",
      Logs_20140328: "ServiceUnavailableException",
      secretsmanager: "InternalServiceError",
    }[target] ?? "ServerException"
  );
}

function send(exchange: Exchange, status: number, body: unknown): void {
  const headers = { "content-type": "application/x-amz-json-1.1", "x-amzn-requestid": exchange.requestId };
  reply(exchange, { status, headers, body: JSON.stringify(body ?? {}) });
}
