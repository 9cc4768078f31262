import { createHash } from "node:crypto";
import { join } from "node:path";
import type { PolicyDocument } from "../../../iam/document.ts";
import { type Access, type Decision, decide, requireKnown } from "../../../iam/evaluate.ts";
import { openJsonStore } from "../json-store.ts";
import { type Identity, ServiceError } from "../protocol.ts";
import type { Credentials } from "../sigv4.ts";
import { readSession, type Session } from "./session.ts";

/** A role of the sandbox's account. */
export interface SandboxRole {
  readonly name: string;
  readonly policy: PolicyDocument;
  /** Who may take it. */
  readonly trust: PolicyDocument;
}

/** Who somebody is, and what they may do. */
export interface AccessControl {
  /** Whose key it is. @returns expired for a session that is over, undefined for a key that nobody has */
  find(accessKeyId: string, token: string | undefined): Holder | "expired" | undefined;
  /** The same person in another protocol: `docker login` has a token, and no key. */
  identityOf(session: Pick<Session, "role" | "name" | "sourceIdentity">): Identity;
  /** @throws ServiceError AccessDeniedException for the first that is not allowed; the sandbox's own key may do everything. */
  require(identity: Identity, accesses: readonly Access[]): void;
  role(name: string): SandboxRole | undefined;
  readonly roles: readonly SandboxRole[];
  /** In the place of those that there are. @throws ServiceError ValidationException for a policy with parts that are not evaluated */
  replace(roles: readonly SandboxRole[]): Promise<void>;
}

/** A key, and whose it is. */
export interface Holder {
  readonly credentials: Credentials;
  readonly identity: Identity;
}

interface RoleState {
  roles: readonly SandboxRole[];
}

export interface AccessPorts {
  readonly stateDir: string;
  readonly account: string;
  /** Of the sandbox's own key, which is an administrator's. */
  readonly credentials: Credentials;
  /** Milliseconds. */
  readonly now: () => number;
}

/** Roles are kept in `stateDir`/iam.json. */
export async function openAccessControl({ stateDir, account, credentials, now }: AccessPorts): Promise<AccessControl> {
  const store = await openJsonStore<RoleState>(join(stateDir, "iam.json"), () => ({ roles: [] }));
  const owner: Identity = {
    account,
    accessKeyId: credentials.accessKeyId,
    arn: `arn:aws:iam::${account}:user/sandbox`,
  };
  const role = (name: string): SandboxRole | undefined => store.state.roles.find((one) => one.name === name);
  const identityOf: AccessControl["identityOf"] = ({ role: name, name: session, sourceIdentity }) => ({
    account,
    accessKeyId: "",
    arn: `arn:aws:sts::${account}:assumed-role/${name}/${session}`,
    userId: `${roleId(name)}:${session}`,
    session: { role: name, name: session, ...(sourceIdentity !== undefined && { sourceIdentity }) },
  });
  return {
    find: (accessKeyId, token) => {
      if (token === undefined)
        return accessKeyId === credentials.accessKeyId ? { credentials, identity: owner } : undefined;
      const found = readSession(token, credentials);
      if (found === undefined || found.credentials.accessKeyId !== accessKeyId) return undefined;
      if (found.session.expiresAt * 1000 <= now()) return "expired";
      return { credentials: found.credentials, identity: { ...identityOf(found.session), accessKeyId } };
    },
    identityOf,
    require: (identity, accesses) => {
      const { session } = identity;
      if (session === undefined) return;
      const policies = [role(session.role)?.policy ?? []].flat();
      for (const access of accesses) {
        const context = { ...contextOf(identity), ...access.context };
        const decision = decide(policies, { ...access, context });
        if (decision !== "allowed") throw denied(identity, access, decision);
      }
    },
    role,
    get roles() {
      return store.state.roles;
    },
    replace: async (roles) => {
      for (const { policy, trust } of roles) check(policy, trust);
      await store.update((state) => void (state.roles = roles));
    },
  };
}

function check(...policies: readonly PolicyDocument[]): void {
  try {
    for (const policy of policies) requireKnown(policy);
  } catch (error) {
    throw new ServiceError("ValidationException", (error as Error).message);
  }
}

/** Global condition keys that a session of a role has (IAM user guide, "AWS global condition context keys"). */
function contextOf({ account, userId = "", session }: Identity): Record<string, string> {
  return {
    "aws:PrincipalAccount": account,
    "aws:PrincipalType": "AssumedRole",
    "aws:PrincipalArn": `arn:aws:iam::${account}:role/${session?.role ?? ""}`,
    "aws:userid": userId,
    ...(session?.sourceIdentity !== undefined && { "aws:SourceIdentity": session.sourceIdentity }),
  };
}

/** In AWS's words, as logs of real denials have them. */
export function denied({ arn }: Pick<Identity, "arn">, { action, resource }: Access, decision: Decision): ServiceError {
  const why =
    decision === "denied"
      ? "with an explicit deny in an identity-based policy"
      : `because no identity-based policy allows the ${action} action`;
  return new ServiceError(
    "AccessDeniedException",
    `User: ${arn} is not authorized to perform: ${action} on resource: ${resource} ${why}`,
  );
}

/** AWS's id of a role: the same for the same name here. */
export function roleId(name: string): string {
  return `AROA${createHash("sha256").update(name).digest("hex").slice(0, 17).toUpperCase()}`;
}
