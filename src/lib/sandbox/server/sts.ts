import { type Access, decide } from "../../iam/evaluate.ts";
import { denied } from "./iam/access-control.ts";
import { optional, take, type TakePorts, wantedIn } from "./iam/take-role.ts";
import { assumeRoleWithWebIdentity, type WebIdentityPorts } from "./iam/web-identity.ts";
import type { Call, Identity } from "./protocol.ts";
import type { QueryResult, QueryService } from "./query.ts";

/** STS as far as `threads`, aws-cli and jobs of GitHub need it: who they are, and to take a role (STS API reference, 2011-06-15). */
export function createSts(ports: WebIdentityPorts): QueryService {
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
    // Whoever has no key yet has a token.
    unsigned: { AssumeRoleWithWebIdentity: (form) => assumeRoleWithWebIdentity(form, ports) },
  };
}

function assumeRole({ identity }: Call, form: URLSearchParams, ports: TakePorts): QueryResult {
  const wanted = wantedIn(form);
  const source = optional(form, "SourceIdentity", /^[\w+=,.@-]{2,64}$/);
  const role = ports.access.role(wanted.role);
  const context = {
    "sts:RoleSessionName": wanted.session,
    ...(source !== undefined && { "sts:SourceIdentity": source }),
    ...(identity.session === undefined && { "aws:username": identity.arn.split("/")[1] ?? "" }),
  };
  for (const action of ["sts:AssumeRole", ...(source === undefined ? [] : ["sts:SetSourceIdentity"])]) {
    const asked = { action, resource: wanted.arn, context };
    ports.access.require(identity, [asked]);
    // A role that is not there is refused in the same words, so that nobody learns which there are.
    if (role === undefined || !isTrusted(role.trust, asked, identity)) throw denied(identity, asked, "not-allowed");
  }
  return take(wanted, source, ports);
}

/** A trust policy that names an account trusts whomever that account itself lets do it. */
function isTrusted(trust: Parameters<typeof decide>[0][number], asked: Access, { account, arn }: Identity): boolean {
  const Statement = trust.Statement.filter(({ Principal }) =>
    [`arn:aws:iam::${account}:root`, account, arn].includes(Principal?.AWS ?? ""),
  );
  return decide([{ ...trust, Statement }], asked) === "allowed";
}
