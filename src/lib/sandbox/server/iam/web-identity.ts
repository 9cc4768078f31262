import type { PolicyDocument } from "../../../iam/document.ts";
import { type Access, decide } from "../../../iam/evaluate.ts";
import { ServiceError } from "../protocol.ts";
import type { QueryResult } from "../query.ts";
import { type Claims, type GithubOidc, issuer } from "./github-oidc.ts";
import { required, take, type TakePorts, wantedIn } from "./take-role.ts";

export interface WebIdentityPorts extends TakePorts {
  readonly account: string;
  readonly github: GithubOidc;
}

/** The provider in the account takes tokens for this audience alone (its client ID list). */
const audience = "sts.amazonaws.com";

/** Claims of GitHub's that policies may name beside `aud` and `sub` (IAM user guide, "Available keys for AWS OIDC federation"). */
const known = [
  "actor",
  "actor_id",
  "enterprise_id",
  "environment",
  "job_workflow_ref",
  "ref",
  "repository",
  "repository_id",
  "workflow",
];

/**
 * AssumeRoleWithWebIdentity for jobs of GitHub: the token first, then the role's trust policy (STS API reference; the words are
 * those that STS is known to answer with). @throws ServiceError
 */
export async function assumeRoleWithWebIdentity(form: URLSearchParams, ports: WebIdentityPorts): Promise<QueryResult> {
  const { access, account, github, now } = ports;
  const wanted = wantedIn(form);
  const claims = await claimsOf(required(form, "WebIdentityToken", /^.{4,20000}$/s), github, now());
  const host = issuer.replace("https://", "");
  const context = {
    "sts:RoleSessionName": wanted.session,
    ...Object.fromEntries(
      ["aud", "sub", ...known].flatMap((name) => {
        const value = claims[name];
        return value === undefined ? [] : [[`${host}:${name}`, String(value)]];
      }),
    ),
  };
  const asked = { action: "sts:AssumeRoleWithWebIdentity", resource: wanted.arn, context };
  const trust = access.role(wanted.role)?.trust;
  const provider = `arn:aws:iam::${account}:oidc-provider/${host}`;
  // A role that is not there is refused in the same words.
  if (trust === undefined || !isTrusted(trust, asked, provider))
    throw new ServiceError("AccessDeniedException", "Not authorized to perform sts:AssumeRoleWithWebIdentity");
  return {
    ...take(wanted, undefined, ports),
    SubjectFromWebIdentityToken: String(claims["sub"]),
    Audience: audience,
    Provider: provider,
  };
}

function isTrusted(trust: PolicyDocument, asked: Access, provider: string): boolean {
  const Statement = trust.Statement.filter(({ Principal }) => Principal?.Federated === provider);
  return decide([{ ...trust, Statement }], asked) === "allowed";
}

async function claimsOf(token: string, github: GithubOidc, now: number): Promise<Claims> {
  const said = saidIn(token);
  if (said === undefined)
    throw refused("The ID Token provided is not a valid JWT. (You may see this error if you sent an Access Token)");
  if (said["iss"] !== issuer)
    throw refused(`No OpenIDConnect provider found in your account for ${String(said["iss"])}`);
  const claims = await github.verify(token);
  if (claims === undefined)
    throw refused(
      "Couldn't retrieve verification key from your identity provider,  please reference AssumeRoleWithWebIdentity documentation for requirements",
    );
  const at = Math.floor(now / 1000);
  if (Number(claims["exp"]) <= at)
    throw new ServiceError(
      "WebIdentityExpired",
      `Token expired: current date/time ${at} must be before the expiration date/time ${String(claims["exp"])}`,
    );
  if (claims["aud"] !== audience) throw refused("Incorrect token audience");
  return claims;
}

/** What it says, whoever has signed it; undefined for what is no token. */
function saidIn(token: string): Claims | undefined {
  const parts = token.split(".");
  try {
    const body: unknown = JSON.parse(Buffer.from(parts[1] ?? "", "base64url").toString("utf8"));
    return parts.length === 3 && typeof body === "object" && body !== null ? (body as Claims) : undefined;
  } catch {
    return undefined;
  }
}

function refused(message: string): ServiceError {
  return new ServiceError("InvalidIdentityToken", message);
}
