import type { SettledCode } from "../errors/codes.ts";
import { ThreadsError } from "../errors/threads-error.ts";

interface SdkFailure {
  readonly name: string;
  readonly message: string;
  readonly code?: string;
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
const throttled = new Set(["ThrottlingException", "Throttling", "TooManyRequestsException", "RequestLimitExceeded"]);
const unreachable = new Set([
  "ECONNREFUSED",
  "ENOTFOUND",
  "ECONNRESET",
  "EAI_AGAIN",
  "ETIMEDOUT",
  "EHOSTUNREACH",
  "EPIPE",
  // The SDK's own: no connection, or no answer, within the times of clients.ts.
  "TimeoutError",
]);

/**
 * What an AWS failure means to a person. Failures that the caller knows how to answer (not found, already
 * exists) are caught before; the rest come through here and end the command.
 * @param doing what was being done, as in "looking up threads/web": it completes "… while".
 */
export function awsFailure(error: unknown, doing: string): ThreadsError {
  if (error instanceof ThreadsError) return error;
  const failure = error as SdkFailure;
  const because = (code: SettledCode, message: string, next: string[]): ThreadsError =>
    new ThreadsError(code, { message: `${message} while ${doing}`, next, cause: error });
  if (failure.name === "CredentialsProviderError")
    return because("NO_CREDENTIALS", "no AWS credentials were found", [
      "aws sso login",
      'eval "$(threads sandbox env)"',
    ]);
  if (expired.has(failure.name))
    return because("CREDENTIALS_EXPIRED", "the AWS credentials have expired", ["aws sso login"]);
  if (unauthenticated.has(failure.name))
    return because("CREDENTIALS_INVALID", `AWS does not accept the credentials (${failure.name})`, [
      "aws sts get-caller-identity",
    ]);
  if (denied.has(failure.name))
    return because("ACCESS_DENIED", `AWS denies access (${failure.message})`, ["aws sts get-caller-identity"]);
  if (throttled.has(failure.name)) return because("THROTTLED", "AWS kept throttling", ["try again in a minute"]);
  const silent = [failure.code ?? "", failure.name].find((name) => unreachable.has(name));
  if (silent !== undefined)
    return because("AWS_UNREACHABLE", `AWS did not answer (${silent})`, [
      "threads sandbox up",
      "echo $AWS_ENDPOINT_URL",
    ]);
  return because("AWS_FAILURE", `AWS answered ${failure.name}: ${failure.message}`, ["try again in a minute"]);
}
