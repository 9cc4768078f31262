import type { Dispatch } from "./dispatch.ts";
import { complain, type Exchange, meetFault, reply } from "./exchange.ts";
import { type Call, ServiceError } from "./protocol.ts";
import { identify } from "./iam/identify.ts";
import type { Refusal } from "./sigv4.ts";

/** A service of the AWS query protocol: form in, XML out. Only STS is left of that kind here. */
export interface QueryService {
  /** Name in the credential scope. */
  readonly service: string;
  readonly version: string;
  readonly namespace: string;
  /** The members of the result, in order. */
  readonly actions: Readonly<Record<string, QueryAction>>;
  /** Those that nobody signs. */
  readonly unsigned: Readonly<Record<string, (form: URLSearchParams) => Promise<QueryResult>>>;
}

/** A member with members of its own is a record. */
export interface QueryResult {
  readonly [name: string]: string | QueryResult;
}

type QueryAction = (call: Call, form: URLSearchParams) => Promise<QueryResult>;

/** How STS names what is wrong with a signature, and the status (STS API reference, common errors). */
const refusals: Readonly<Record<Refusal, readonly [code: string, status: number]>> = {
  missing: ["MissingAuthenticationToken", 403],
  incomplete: ["IncompleteSignature", 400],
  "unknown-key": ["InvalidClientTokenId", 403],
  expired: ["ExpiredToken", 403],
  "wrong-signature": ["SignatureDoesNotMatch", 403],
};

/** The query protocol has other names for what JSON 1.1 calls …Exception. */
const queryCodes: Readonly<Record<string, readonly [code: string, status: number]>> = {
  ThrottlingException: ["Throttling", 400],
  ExpiredTokenException: ["ExpiredToken", 403],
  // Not the caller's own token but the one that it brings: STS has another name for that.
  WebIdentityExpired: ["ExpiredTokenException", 400],
  ServerException: ["InternalFailure", 500],
  AccessDeniedException: ["AccessDenied", 403],
  ValidationException: ["ValidationError", 400],
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
    const result = await perform(exchange, body, { ...parts, action, form });
    const answer =
      element(`${action}Result`, members(result)) +
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
    readonly form: URLSearchParams;
  },
): Promise<QueryResult> {
  const { dispatch, service, action, form } = parts;
  const version = form.get("Version");
  const { request, requestId } = exchange;
  const { access, credentials } = dispatch;
  const unsigned = Object.hasOwn(service.unsigned, action) ? service.unsigned[action] : undefined;
  if (unsigned !== undefined && version === service.version) {
    await meetFault(exchange, action, dispatch.settings);
    return unsigned(form);
  }
  const identity = identify(
    { method: request.method ?? "", url: request.url ?? "/", headers: request.headers, body },
    { access, credentials, service: service.service, now: dispatch.now() },
  );
  if ("refusal" in identity) {
    const [code, status] = refusals[identity.refusal];
    throw new ServiceError(code, identity.message, status);
  }
  const run = Object.hasOwn(service.actions, action) ? service.actions[action] : undefined;
  if (run === undefined || version !== service.version)
    throw new ServiceError(
      "InvalidAction",
      `Could not find operation ${action} for version ${version ?? "NO_VERSION_SPECIFIED"}`,
    );
  await meetFault(exchange, action, dispatch.settings);
  return run({ identity, requestId, region: credentials.region }, form);
}

function send(exchange: Exchange, status: number, xml: string): void {
  reply(exchange, {
    status,
    headers: { "content-type": "text/xml", "x-amzn-requestid": exchange.requestId },
    body: xml,
  });
}

function members(result: QueryResult): string {
  return Object.entries(result)
    .map(([name, value]) => element(name, typeof value === "string" ? escape(value) : members(value)))
    .join("");
}

function element(name: string, content: string): string {
  return `<${name}>${content}</${name}>`;
}

function escape(text: string): string {
  return text.replace(/[&<>"]/g, (character) => `&#${character.charCodeAt(0)};`);
}
