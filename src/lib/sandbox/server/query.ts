import type { Dispatch } from "./dispatch.ts";
import { complain, type Exchange, meetFault, reply } from "./exchange.ts";
import { type Call, ServiceError } from "./protocol.ts";
import { type Refusal, verifySignature } from "./sigv4.ts";

/** A service of the AWS query protocol: form in, XML out. Only STS is left of that kind here. */
export interface QueryService {
  /** Name in the credential scope. */
  readonly service: string;
  readonly version: string;
  readonly namespace: string;
  /** The members of the result, in order. */
  readonly actions: Readonly<Record<string, (call: Call) => Promise<Readonly<Record<string, string>>>>>;
}

/** How STS names what is wrong with a signature, and the status (STS API reference, common errors). */
const refusals: Readonly<Record<Refusal, readonly [code: string, status: number]>> = {
  missing: ["MissingAuthenticationToken", 403],
  incomplete: ["IncompleteSignature", 400],
  "unknown-key": ["InvalidClientTokenId", 403],
  "wrong-signature": ["SignatureDoesNotMatch", 403],
};

/** The query protocol has other names for what JSON 1.1 calls …Exception. */
const queryCodes: Readonly<Record<string, readonly [code: string, status: number]>> = {
  ThrottlingException: ["Throttling", 400],
  ExpiredTokenException: ["ExpiredToken", 403],
  ServerException: ["InternalFailure", 500],
};

/** Answers one request of the query protocol (`POST /` with a form that has `Action`). */
export async function answerQuery(
  exchange: Exchange,
  body: Buffer,
  parts: { readonly dispatch: Dispatch; readonly service: QueryService },
): Promise<void> {
  const { service } = parts;
  const form = new URLSearchParams(body.toString("utf8"));
  const action = form.get("Action") ?? "";
  try {
    const result = await perform(exchange, body, { ...parts, action, version: form.get("Version") });
    const members = Object.entries(result).map(([name, value]) => element(name, escape(value)));
    const answer =
      element(`${action}Result`, members.join("")) +
      element("ResponseMetadata", element("RequestId", exchange.requestId));
    send(exchange, 200, `<${action}Response xmlns="${service.namespace}">${answer}</${action}Response>`);
  } catch (error) {
    if (!(error instanceof ServiceError)) complain(exchange, error);
    const failure =
      error instanceof ServiceError ? error : new ServiceError("ServerException", "Internal failure", 500);
    const [code, status] = queryCodes[failure.type] ?? [failure.type, failure.status];
    const kind = status >= 500 ? "Receiver" : "Sender";
    const inner = element("Type", kind) + element("Code", code) + element("Message", escape(failure.message));
    const answer = element("Error", inner) + element("RequestId", exchange.requestId);
    send(exchange, status, `<ErrorResponse xmlns="${service.namespace}">${answer}</ErrorResponse>`);
  }
}

async function perform(
  exchange: Exchange,
  body: Buffer,
  parts: {
    readonly dispatch: Dispatch;
    readonly service: QueryService;
    readonly action: string;
    readonly version: string | null;
  },
): Promise<Readonly<Record<string, string>>> {
  const { dispatch, service, action } = parts;
  const { request, requestId } = exchange;
  const refused = verifySignature(
    { method: request.method ?? "", url: request.url ?? "/", headers: request.headers, body },
    { credentials: dispatch.credentials, service: service.service, now: dispatch.now() },
  );
  if (refused !== undefined) {
    const [code, status] = refusals[refused.refusal];
    throw new ServiceError(code, refused.message, status);
  }
  const run = Object.hasOwn(service.actions, action) ? service.actions[action] : undefined;
  if (run === undefined || parts.version !== service.version)
    throw new ServiceError(
      "InvalidAction",
      `Could not find operation ${action} for version ${parts.version ?? "NO_VERSION_SPECIFIED"}`,
    );
  await meetFault(exchange, action, dispatch.settings);
  return run({ identity: dispatch.identity, requestId, region: dispatch.credentials.region });
}

function send(exchange: Exchange, status: number, xml: string): void {
  reply(exchange, {
    status,
    headers: { "content-type": "text/xml", "x-amzn-requestid": exchange.requestId },
    body: xml,
  });
}

function element(name: string, content: string): string {
  return `<${name}>${content}</${name}>`;
}

function escape(text: string): string {
  return text.replace(/[&<>"]/g, (character) => `&#${character.charCodeAt(0)};`);
}
