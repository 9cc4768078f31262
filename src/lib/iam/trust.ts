import type { PolicyDocument, PolicyStatement } from "./document.ts";
import type { Role } from "./role.ts";
import { type IamSubject, partitionOf } from "./subject.ts";

const issuer = "token.actions.githubusercontent.com";

/** A repository on GitHub, and what of it is known. */
export interface GitHubRepository {
  readonly owner: string;
  readonly name: string;
  /** Of owner and repository; undefined where nobody has told them. */
  readonly ids: { readonly owner: string; readonly name: string } | undefined;
}

export interface Trust {
  /** Undefined: no workflow is trusted. */
  readonly github: GitHubRepository | undefined;
  /** The environment of GitHub in whose name a job without one of its own runs: the publisher's. */
  readonly publishes: string;
  /** Branches from which an environment's workflows run; of one that is not named any branch does. */
  readonly branches: Readonly<Record<string, string>>;
}

/**
 * Who may take a role. Jobs of GitHub Actions: those that run in the environment of that name, by a workflow as it is on that
 * branch. With an environment the subject names no branch, so that job_workflow_ref must (GitHub docs, OpenID Connect
 * reference); both of its forms, with the ids and without, are one list. @returns undefined where nobody is known
 */
export function trustOf(role: Role, subject: IamSubject, trust: Trust): PolicyDocument | undefined {
  const statement = statementFor(role, subject, trust);
  return statement === undefined ? undefined : { Version: "2012-10-17", Statement: [statement] };
}

function statementFor(role: Role, subject: IamSubject, trust: Trust): PolicyStatement | undefined {
  const own = { AWS: `arn:${partitionOf(subject.region)}:iam::${subject.account}:root` };
  const assume = { Sid: "People", Effect: "Allow", Principal: own, Action: ["sts:AssumeRole"] } as const;
  if (role.job === "host") return { ...assume, Sid: "Instances", Principal: { Service: "ec2.amazonaws.com" } };
  if (["archivist", "reader", "approver", "policymaker"].includes(role.job)) return assume;
  return trust.github === undefined ? undefined : workflows(role, subject, { ...trust, github: trust.github });
}

function workflows(
  { environment }: Role,
  { account, region }: IamSubject,
  { github, publishes, branches }: Trust & { readonly github: GitHubRepository },
): PolicyStatement {
  const name = environment ?? publishes;
  const branch = branches[name] ?? "*";
  const equals = { [`${issuer}:aud`]: "sts.amazonaws.com", [`${issuer}:sub`]: subjectsOf(github, name) };
  const workflow = `${github.owner}/${github.name}/.github/workflows/*@refs/heads/${branch}`;
  return {
    Sid: "Workflows",
    Effect: "Allow",
    Principal: { Federated: `arn:${partitionOf(region)}:iam::${account}:oidc-provider/${issuer}` },
    Action: ["sts:AssumeRoleWithWebIdentity"],
    Condition: { StringEquals: equals, StringLike: { [`${issuer}:job_workflow_ref`]: workflow } },
  };
}

/** Repositories made since 15 July 2026, and those that chose so, send the form with ids, which no later owner of the name has. */
function subjectsOf({ owner, name, ids }: GitHubRepository, environment: string): readonly string[] {
  const plain = `repo:${owner}/${name}:environment:${environment}`;
  return ids === undefined
    ? [plain]
    : [plain, `repo:${owner}@${ids.owner}/${name}@${ids.name}:environment:${environment}`];
}
