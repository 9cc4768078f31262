import type { Config } from "../config/config.ts";
import { ThreadsError } from "../errors/threads-error.ts";
import { documentOf, type PolicyDocument, type PolicyStatement } from "../iam/document.ts";
import { environmentsOf, signingOf } from "../iam/from-config.ts";
import { repositoryAt, trustBy } from "../iam/github-repository.ts";
import { rolesOf } from "../iam/roles.ts";
import type { IamSubject } from "../iam/subject.ts";
import { trustOf } from "../iam/trust.ts";
import type { SandboxRole } from "./server/iam/access-control.ts";
import { taskRoles } from "./cluster-roles.ts";
import { sessionCredentials } from "./server/iam/session.ts";
import type { SandboxPorts } from "./sandbox.ts";
import type { SandboxState } from "./state.ts";

type RoleConfig = Pick<Config, "app" | "environments" | "runtime" | "signing">;
type RoleState = Pick<SandboxState, "account" | "region">;

/**
 * Of the roles that `threads policy iam` prints, for the sandbox's own account and registry.
 * @param repositories whole names, where they are not those that `app` begins
 */
function subjectIn(
  config: RoleConfig,
  { account, region }: RoleState,
  repositories: readonly string[] = [`${config.app}/*`],
): IamSubject {
  const { app } = config;
  const environments = environmentsOf(config);
  return { app, account, region, repositories, environments, signing: signingOf(config) };
}

/** Puts the roles into the sandbox that is up, in the place of those that there were. */
export async function ensureRoles(
  { port }: Pick<SandboxState, "port">,
  roles: readonly SandboxRole[],
  signal: AbortSignal,
): Promise<void> {
  const url = `http://127.0.0.1:${port}/_sandbox/roles`;
  const answer = await fetch(url, { method: "PUT", body: JSON.stringify({ roles }), signal });
  if (!answer.ok) throw new Error(`${url} answered ${answer.status}: ${await answer.text()}`);
}

/** As the sandbox keeps them, with those that threads.yml names for tasks of ECS. Workflows are trusted as `threads policy iam` prints it, where git's `origin` is on GitHub. */
export async function trustedRoles(
  state: RoleState,
  { config, repositories, origin }: Pick<SandboxPorts, "config" | "repositories" | "origin">,
): Promise<readonly SandboxRole[]> {
  const trust = trustBy(config, repositoryAt(await origin()));
  const own = everybodyHere(state);
  const subject = subjectIn(config, state, repositories);
  const printed = rolesOf(subject).map((role) => {
    const workflows = trustOf(role, subject, trust)?.Statement.filter(isOfWorkflows) ?? [];
    return {
      name: role.name,
      policy: documentOf(role.permissions),
      trust: { ...own, Statement: [...own.Statement, ...workflows] },
    };
  });
  const known = new Set(printed.map(({ name }) => name));
  return [...printed, ...taskRoles(config, state, own).filter(({ name }) => !known.has(name))];
}

function isOfWorkflows({ Principal }: PolicyStatement): boolean {
  return Principal?.Federated !== undefined;
}

/** There is nobody here but whoever has the sandbox's own key. */
function everybodyHere({ account }: Pick<SandboxState, "account">): PolicyDocument {
  const actions = ["sts:AssumeRole", "sts:SetSourceIdentity"];
  const Principal = { AWS: `arn:aws:iam::${account}:root` };
  return { Version: "2012-10-17", Statement: [{ Sid: "Everybody", Effect: "Allow", Action: actions, Principal }] };
}

/** Long after this sandbox: an instance renews the credentials of its role by itself. */
const noEnd = Date.parse("2100-01-01T00:00:00Z") / 1000;

/** What a host finds where an instance finds the credentials of its role. */
export function hostCredentials(app: string, host: { readonly id: string; readonly env: string }, state: SandboxState) {
  return roleForever(`${app}-${host.env}-host`, host.id, state);
}

/** @param name of the session */
export function roleForever(role: string, name: string, state: SandboxState) {
  return sessionCredentials({ role, name, expiresAt: noEnd }, state);
}

/** A day's work. */
const hours = 12;

/**
 * Credentials of a role by its name, or by what is behind the application's in it: `prod-deployer`.
 * @throws ThreadsError USAGE where there is no such role
 */
export function roleCredentials(
  asked: string,
  {
    config,
    state,
    now,
    user,
  }: { readonly config: Config; readonly state: SandboxState; readonly now: number; readonly user: string },
) {
  const roles = rolesOf(subjectIn(config, state));
  const role = roles.find(({ name }) => name === asked || name === `${config.app}-${asked}`);
  if (role === undefined)
    throw new ThreadsError("USAGE", {
      message: `there is no role ${JSON.stringify(asked)}, only ${roles.map(({ name }) => name).join(", ")}`,
      next: ["threads policy iam"],
    });
  const expiresAt = Math.floor(now / 1000) + hours * 3600;
  const name = user.replaceAll(/[^\w+=,.@-]/g, "-").padEnd(2, "-");
  return sessionCredentials({ role: role.name, name, expiresAt }, state);
}
