import { type Access, decide } from "../../iam/evaluate.ts";
import { denied, type AccessControl, roleId } from "./iam/access-control.ts";
import { sessionCredentials } from "./iam/session.ts";
import { type Call, type Identity, ServiceError } from "./protocol.ts";
import type { QueryResult, QueryService } from "./query.ts";
import type { Credentials } from "./sigv4.ts";

export interface StsPorts {
  readonly access: AccessControl;
  readonly credentials: Credentials;
  /** Milliseconds. */
  readonly now: () => number;
}

/** STS as far as `threads`, aws-cli and jobs of GitHub need it: who they are, and to take a role (STS API reference, 2011-06-15). */
export function createSts(ports: StsPorts): QueryService {
  return {
    service: "sts",
    version: "2011-06-15",
    namespace: "https://sts.amazonaws.com/doc/2011-06-15/",
    actions: {
      // Nobody needs a permission for it, and no policy can take it away.
      GetCallerIdentity: ({ identity }) =>
        Promise.resolve({
          Arn: identity.arn,
          UserId: identity.userId ?? "AIDASANDBOXSANDBOXSA",
          Account: identity.account,
        }),
      AssumeRole: async (call, form) => assumeRole(call, form, ports),
    },
  };
}

function assumeRole({ identity }: Call, form: URLSearchParams, { access, credentials, now }: StsPorts): QueryResult {
  const arn = required(form, "RoleArn", /^arn:aws:iam::\d{12}:role\/[\w+=,.@/-]{1,64}$/);
  const name = required(form, "RoleSessionName", /^[\w+=,.@-]{2,64}$/);
  const source = optional(form, "SourceIdentity", /^[\w+=,.@-]{2,64}$/);
  const seconds = Number(optional(form, "DurationSeconds", /^\d{3,5}$/) ?? "3600");
  if (seconds < 900 || seconds > 43_200) throw invalid("DurationSeconds", String(seconds));
  const role = access.role(arn.split(":role/")[1] ?? "");
  const context = {
    "sts:RoleSessionName": name,
    ...(source !== undefined && { "sts:SourceIdentity": source }),
    ...(identity.session === undefined && { "aws:username": identity.arn.split("/")[1] ?? "" }),
  };
  const wanted = ["sts:AssumeRole", ...(source === undefined ? [] : ["sts:SetSourceIdentity"])];
  for (const action of wanted) {
    const asked = { action, resource: arn, context };
    access.require(identity, [asked]);
    // A role that is not there is refused in the same words, so that nobody learns which there are.
    if (role === undefined || !isTrusted(role.trust, asked, identity)) throw denied(identity, asked, "not-allowed");
  }
  const expiresAt = Math.floor(now() / 1000) + seconds;
  const session = {
    role: arn.split(":role/")[1] ?? "",
    name,
    ...(source !== undefined && { sourceIdentity: source }),
    expiresAt,
  };
  const { accessKeyId, secretAccessKey, sessionToken } = sessionCredentials(session, credentials);
  const { arn: own } = access.identityOf(session);
  return {
    AssumedRoleUser: { AssumedRoleId: `${roleId(session.role)}:${name}`, Arn: own },
    Credentials: {
      AccessKeyId: accessKeyId,
      SecretAccessKey: secretAccessKey,
      SessionToken: sessionToken,
      Expiration: new Date(expiresAt * 1000).toISOString(),
    },
    ...(source !== undefined && { SourceIdentity: source }),
  };
}

/** A trust policy that names an account trusts whomever that account itself lets do it. */
function isTrusted(trust: Parameters<typeof decide>[0][number], asked: Access, { account, arn }: Identity): boolean {
  const Statement = trust.Statement.filter(({ Principal }) =>
    [`arn:aws:iam::${account}:root`, account, arn].includes(Principal?.AWS ?? ""),
  );
  return decide([{ ...trust, Statement }], asked) === "allowed";
}

function required(form: URLSearchParams, name: string, pattern: RegExp): string {
  const value = optional(form, name, pattern);
  if (value === undefined) throw invalid(name, "");
  return value;
}

function optional(form: URLSearchParams, name: string, pattern: RegExp): string | undefined {
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
