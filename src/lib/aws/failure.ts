import type { SettledCode } from "../errors/codes.ts";
import { ThreadsError } from "../errors/threads-error.ts";

interface SdkFailure {
  readonly name: string;
  readonly message: string;
  readonly code?: string;
  readonly $metadata?: { readonly httpStatusCode?: number; readonly attempts?: number };
  /** Put there by the SDK beside what it could not read; the body is Node's, which knows its request. */
  readonly $response?: {
    readonly headers?: Record<string, string>;
    readonly body?: { readonly req?: { getHeader?(name: string): unknown } };
  };
}

const expired = new Set(["ExpiredToken", "ExpiredTokenException", "RequestExpired", "TokenRefreshRequired"]);
const unauthenticated = new Set([
  "UnrecognizedClientException",
  "InvalidClientTokenId",
  "InvalidSignatureException",
  "SignatureDoesNotMatch",
  "IncompleteSignature",
  "MissingAuthenticationToken",
  "MissingAuthenticationTokenException",
  "IncompleteSignatureException",
]);
const denied = new Set(["AccessDenied", "AccessDeniedException", "UnauthorizedOperation"]);
/** Those of the SDK (service-error-classification) that mean too much at once, and Parameter Store's own. */
const throttled = new Set([
  "ThrottlingException",
  "Throttling",
  "ThrottledException",
  "TooManyRequestsException",
  "RequestLimitExceeded",
  "RequestThrottled",
  "RequestThrottledException",
  "ServiceQuotaExceededException",
  "SlowDown",
  "TooManyUpdates",
]);
/** No connection was made, so that nothing was sent. */
const neverLeft = new Set(["ECONNREFUSED", "ENOTFOUND", "EAI_AGAIN", "EHOSTUNREACH", "ENETUNREACH", "ENETDOWN"]);
/** The SDK has one name for this and for an answer that does not come (node-http-handler, set-connection-timeout). */
const notConnected = /did not establish a connection/;
const cutOff = new Set([
  "ECONNRESET",
  "ECONNABORTED",
  "ETIMEDOUT",
  "EPIPE",
  // The SDK's own: no connection, or no answer, within the times of clients.ts.
  "TimeoutError",
]);
/** What AWS answers to a request that reached it too slowly. */
const tooSlow = new Set(["RequestTimeout", "RequestTimeoutException"]);

/**
 * What a failure says of its request. throttled: AWS did not take it. unreached: it was never sent. lost: it may have been
 * taken, and AWS may answer when asked again. strange: it may have been taken, but nobody can tell why it failed.
 */
export function kindOf(error: unknown): "throttled" | "unreached" | "lost" | "refused" | "strange" {
  const failure = error as SdkFailure;
  const status = failure.$metadata?.httpStatusCode;
  if (throttled.has(failure.name) || status === 429) return "throttled";
  if (tooSlow.has(failure.name) || (status !== undefined && status >= 500)) return "lost";
  if (status !== undefined || error instanceof ThreadsError || failure.name === "CredentialsProviderError")
    return "refused";
  if (neverLeft.has(failure.code ?? "") || notConnected.test(failure.message)) return "unreached";
  return cutOff.has(failure.code ?? "") || cutOff.has(failure.name) ? "lost" : "strange";
}

/** How often the SDK has tried before it gave up. */
export function triesOf(error: unknown): number {
  return (error as SdkFailure).$metadata?.attempts ?? 1;
}

/** Whether AWS itself has said so. */
export function hasAnswered(error: unknown): boolean {
  return (error as SdkFailure).$metadata?.httpStatusCode !== undefined;
}

/** What AWS has said, or whoever answered for it, in a word or two. */
export function answerOf(error: unknown): string {
  const { name, $metadata } = error as SdkFailure;
  return name === "SyntaxError" ? `HTTP ${$metadata?.httpStatusCode ?? "?"}` : name;
}

/** A page of a proxy, or of a server that is no AWS: the SDK only says that it is no JSON. */
function notAws(failure: SdkFailure): string {
  const { headers, body } = failure.$response ?? {};
  const host = body?.req?.getHeader?.("host");
  const kind = headers?.["content-type"]?.split(";")[0] ?? "no type";
  return `${typeof host === "string" ? host : "the endpoint"} answered ${answerOf(failure)} with ${kind}, which is not AWS's`;
}

/** AWS names who asks, the action and the resource; but not where it hides that something is there at all. */
const refusal =
  /^User: (?:arn:[^:]*:sts::\d*:assumed-role\/(?<role>[^/\s]+)\/\S*|(?<user>\S+)) is not authorized to perform: (?<action>\S+)(?: on resource: (?<resource>\S+))?/;

/** Which permission is missing, and whose. */
function accessDenied(failure: SdkFailure, doing: string): ThreadsError {
  const { role, user, action, resource } = refusal.exec(failure.message)?.groups ?? {};
  const who = role === undefined ? user : `the role ${role}`;
  const on = resource === undefined || resource === "*" ? "" : ` on ${resource}`;
  const isExplicit = /with an explicit deny/.test(failure.message);
  const says =
    action === undefined
      ? `AWS denies access (${failure.message})`
      : `${who ?? "somebody"} ${isExplicit ? "is denied" : "lacks"} ${action}${on}, so that AWS denies access`;
  return new ThreadsError("ACCESS_DENIED", {
    message: `${says} while ${doing}`,
    next: ["threads policy iam", "aws sts get-caller-identity"],
    advice: action === undefined ? [] : [`give ${who ?? "it"} that permission, or take a role that has it`],
    details: action === undefined ? [] : [failure.message],
    cause: failure,
  });
}

const later = ["try again in a minute"];

/**
 * What an AWS failure means to a person. Failures that the caller knows how to answer (not found, already
 * exists) are caught before; the rest come through here and end the command.
 * @param profile that the credentials were to come from, where one was named
 * @param doing what was being done, as in "looking up threads/web": it completes "… while".
 */
export function awsFailure(error: unknown, doing: string, profile?: string): ThreadsError {
  if (error instanceof ThreadsError) return error;
  const failure = error as SdkFailure;
  const because = (code: SettledCode, message: string, next: string[], advice: string[] = []): ThreadsError =>
    new ThreadsError(code, { message: `${message} while ${doing}`, next, advice, cause: error });
  if (failure.name === "CredentialsProviderError") {
    if (profile !== undefined && profile !== "")
      return because(
        "NO_CREDENTIALS",
        `the profile ${JSON.stringify(profile)} (AWS_PROFILE) gives no AWS credentials`,
        [
          `aws sso login --profile ${/^[\w.@-]+$/.test(profile) ? profile : JSON.stringify(profile)}`,
          "aws configure list-profiles",
        ],
      );
    return because("NO_CREDENTIALS", "no AWS credentials were found", [
      "aws sso login",
      'eval "$(threads sandbox env)"',
    ]);
  }
  if (expired.has(failure.name))
    return because("CREDENTIALS_EXPIRED", "the AWS credentials have expired", ["aws sso login"]);
  if (unauthenticated.has(failure.name))
    return because("CREDENTIALS_INVALID", `AWS does not accept the credentials (${failure.name})`, [
      "aws sts get-caller-identity",
      // One that was purged and is up again has new ones.
      'eval "$(threads sandbox env)"',
    ]);
  if (denied.has(failure.name)) return accessDenied(failure, doing);
  const kind = kindOf(failure);
  if (kind === "throttled") return because("THROTTLED", "AWS kept throttling", [], later);
  const silent = [failure.code ?? "", failure.name].find((name) => neverLeft.has(name) || cutOff.has(name));
  if (silent !== undefined)
    return because("AWS_UNREACHABLE", `AWS did not answer (${silent})`, [
      "threads sandbox up",
      "echo $AWS_ENDPOINT_URL",
    ]);
  if (failure.name === "SyntaxError")
    return because(
      "AWS_FAILURE",
      notAws(failure),
      ["echo $AWS_ENDPOINT_URL $HTTPS_PROXY"],
      ["a proxy, or another server, stands where AWS should answer"],
    );
  return because("AWS_FAILURE", `AWS answered ${failure.name}: ${failure.message}`, [], later);
}
