import { type Exchange, reply } from "../exchange.ts";
import type { ServiceError } from "../protocol.ts";

/** Error codes of the OCI distribution specification, and the two that Docker knows beside them. */
export type RegistryCode =
  | "BLOB_UNKNOWN"
  | "DENIED"
  | "DIGEST_INVALID"
  | "MANIFEST_BLOB_UNKNOWN"
  | "MANIFEST_INVALID"
  | "MANIFEST_UNKNOWN"
  | "NAME_UNKNOWN"
  | "SIZE_INVALID"
  | "TAG_INVALID"
  | "TOOMANYREQUESTS"
  | "UNAUTHORIZED"
  | "UNKNOWN"
  | "UNSUPPORTED";

/** A refusal in the registry API's own form. */
export class RegistryError extends Error {
  readonly code: RegistryCode;
  readonly status: number;

  constructor(code: RegistryCode, status: number, message: string) {
    super(message);
    this.code = code;
    this.status = status;
  }
}

/** How the registry API words what an injected fault or the server itself throws. */
export function asRegistryError(error: ServiceError): RegistryError {
  if (error.type === "ThrottlingException") return new RegistryError("TOOMANYREQUESTS", 429, "Rate exceeded");
  if (error.type === "ExpiredTokenException") return expiredToken();
  if (error.status === 413) return new RegistryError("SIZE_INVALID", 413, error.message);
  return new RegistryError("UNKNOWN", error.status, error.message);
}

/** What ECR says to a token that is older than twelve hours. */
export function expiredToken(): RegistryError {
  return new RegistryError("DENIED", 403, "Your authorization token has expired. Reauthenticate and try again.");
}

/** Answers `{"errors":[{"code","message"}]}`. */
export function replyError(exchange: Exchange, { code, status, message }: RegistryError): void {
  const headers = { "content-type": "application/json; charset=utf-8" };
  reply(exchange, { status, headers, body: JSON.stringify({ errors: [{ code, message }] }) });
}
