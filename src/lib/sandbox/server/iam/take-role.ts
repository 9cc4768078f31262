import { ServiceError } from "../protocol.ts";
import type { QueryResult } from "../query.ts";
import type { Credentials } from "../sigv4.ts";
import { type AccessControl, roleId } from "./access-control.ts";
import { sessionCredentials } from "./session.ts";

export interface TakePorts {
  readonly access: AccessControl;
  readonly credentials: Credentials;
  /** Milliseconds. */
  readonly now: () => number;
}

/** What is asked for, whoever asks. */
export interface Wanted {
  readonly arn: string;
  /** Name of the role. */
  readonly role: string;
  readonly session: string;
  readonly seconds: number;
}

/** @throws ServiceError ValidationException */
export function wantedIn(form: URLSearchParams): Wanted {
  const arn = required(form, "RoleArn", /^arn:aws:iam::\d{12}:role\/[\w+=,.@/-]{1,64}$/);
  const session = required(form, "RoleSessionName", /^[\w+=,.@-]{2,64}$/);
  const seconds = Number(optional(form, "DurationSeconds", /^\d{3,5}$/) ?? "3600");
  if (seconds < 900 || seconds > 43_200) throw invalid("DurationSeconds", String(seconds));
  return { arn, role: arn.split(":role/")[1] ?? "", session, seconds };
}

/** Credentials of somebody who may have them. */
export function take(
  { role, session: name, seconds }: Wanted,
  sourceIdentity: string | undefined,
  { access, credentials, now }: TakePorts,
): QueryResult {
  const expiresAt = Math.floor(now() / 1000) + seconds;
  const session = { role, name, ...(sourceIdentity !== undefined && { sourceIdentity }), expiresAt };
  const { accessKeyId, secretAccessKey, sessionToken } = sessionCredentials(session, credentials);
  return {
    AssumedRoleUser: { AssumedRoleId: `${roleId(role)}:${name}`, Arn: access.identityOf(session).arn },
    Credentials: {
      AccessKeyId: accessKeyId,
      SecretAccessKey: secretAccessKey,
      SessionToken: sessionToken,
      Expiration: new Date(expiresAt * 1000).toISOString(),
    },
    ...(sourceIdentity !== undefined && { SourceIdentity: sourceIdentity }),
  };
}

export function required(form: URLSearchParams, name: string, pattern: RegExp): string {
  const value = optional(form, name, pattern);
  if (value === undefined) throw invalid(name, "");
  return value;
}

export function optional(form: URLSearchParams, name: string, pattern: RegExp): string | undefined {
  const value = form.get(name) ?? undefined;
  if (value !== undefined && !pattern.test(value)) throw invalid(name, value);
  return value;
}

function invalid(name: string, value: string): ServiceError {
  return new ServiceError(
    "ValidationException",
    `1 validation error detected: Value '${value}' at '${name.charAt(0).toLowerCase()}${name.slice(1)}' failed to satisfy constraint`,
  );
}
