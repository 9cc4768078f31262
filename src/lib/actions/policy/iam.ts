import type { Config } from "../../config/config.ts";
import { ThreadsError } from "../../errors/threads-error.ts";
import { documentsOf } from "../../fleet/documents.ts";
import { documentOf, type Permission } from "../../iam/document.ts";
import { subjectOf } from "../../iam/from-config.ts";
import type { Job, Role } from "../../iam/role.ts";
import { rolesOf } from "../../iam/roles.ts";
import { parseEcrRepo } from "../../image/ecr-repo.ts";
import { registryOf } from "../../image/registry-address.ts";
import type { IamSubject } from "../../iam/subject.ts";
import { type GitHubRepository, type Trust, trustOf } from "../../iam/trust.ts";
import type { IamResult, ShownDocument, ShownPermission, ShownRole } from "./iam-result.ts";

export interface IamOptions {
  /** Undefined: all of them. */
  readonly role: Job | undefined;
  readonly environment: string | undefined;
  /** `OWNER/REPO`, or `OWNER@ID/REPO@ID`; undefined: the repository that `origin` names. */
  readonly github: string | undefined;
  /** `ENV=BRANCH` each. */
  readonly branches: readonly string[];
}

export interface IamPorts {
  readonly config: Config;
  /** Of AWS, where threads.yml and ECR_REPO leave it open. */
  readonly region: string | undefined;
  /** URL of `origin`. */
  readonly remote: () => Promise<string | undefined>;
}

/** The roles of the application, and who may take them. Asks nobody. @throws ThreadsError ECR_REPO_…, NO_REGION, USAGE */
export async function showIam(options: IamOptions, ports: IamPorts): Promise<IamResult> {
  const subject = subjectOf(ports.config, ports.region);
  const github = repositoryOf(options.github) ?? repositoryOf(gitHubPath(await ports.remote()));
  const trust = { github, publishes: publishesAs(ports.config), branches: branchesOf(options.branches, ports.config) };
  const roles = rolesOf(subject).filter(
    ({ job, environment }) =>
      (options.role === undefined || options.role === job) &&
      (options.environment === undefined || environment === undefined || options.environment === environment),
  );
  const { account, region } = subject;
  const shown = roles.map((role) => shownRole(role, subject, trust));
  const advice = adviceFor(roles, trust);
  return {
    outcome: "shown",
    account,
    region,
    roles: shown,
    documents: documentsIn(options, subject, ports),
    next: [],
    advice,
  };
}

/** Of those environments whose roles are shown. */
function documentsIn(
  { role, environment }: IamOptions,
  { account, region, environments }: IamSubject,
  { config }: IamPorts,
): readonly ShownDocument[] {
  if (role !== undefined && role !== "deployer") return [];
  const { registry = registryOf(account, region) } = parseEcrRepo(config.registry.repository, config.app);
  return environments
    .filter(({ name, hosts }) => hosts?.documents === true && (environment ?? name) === name)
    .flatMap(({ name }) => {
      const documents = documentsOf({ config, environment: name, registryHost: registry.host, region });
      return documents.map((document) => ({ environment: name, ...document }));
    });
}

/** The publisher's job runs in GitHub's environment of that name: of those in threads.yml one to which nothing is deployed. */
function publishesAs({ environments }: Pick<Config, "environments">): string {
  return (
    Object.values(environments).find(({ hosts, requiresPromotion }) => hosts === undefined && !requiresPromotion)
      ?.name ?? "publish"
  );
}

/** @throws ThreadsError USAGE for what is no repository of GitHub */
function repositoryOf(text: string | undefined): GitHubRepository | undefined {
  if (text === undefined) return undefined;
  const [, owner = "", ownerId, name = "", nameId] = /^([\w.-]+)(?:@(\d+))?\/([\w.-]+)(?:@(\d+))?$/.exec(text) ?? [];
  const isHalf = (ownerId === undefined) !== (nameId === undefined);
  if (owner === "" || isHalf)
    throw new ThreadsError("USAGE", {
      message: `${JSON.stringify(text)} is no repository on GitHub: OWNER/REPO, or with both ids OWNER@1/REPO@2`,
      next: ["threads policy iam --help"],
    });
  return {
    owner,
    name,
    ids: ownerId === undefined || nameId === undefined ? undefined : { owner: ownerId, name: nameId },
  };
}

/** Of a URL of GitHub, in whatever form git takes it. */
function gitHubPath(url: string | undefined): string | undefined {
  return /^(?:https:\/\/|ssh:\/\/)?(?:[^@/]+@)?github\.com[:/]([\w.-]+\/[\w.-]+?)(?:\.git)?\/?$/.exec(url ?? "")?.[1];
}

/** An environment's gate names its branch already. @throws ThreadsError USAGE */
function branchesOf(given: readonly string[], { environments }: Pick<Config, "environments">): Trust["branches"] {
  const gates = Object.values(environments).flatMap(({ name, gates: { branch } }) =>
    branch === undefined ? [] : [[name, branch]],
  );
  const typed = given.map((pair) => {
    const [, name = "", branch = ""] = /^([^=]+)=(.+)$/.exec(pair) ?? [];
    if (environments[name] !== undefined || name === publishesAs({ environments })) return [name, branch];
    throw new ThreadsError("USAGE", {
      message: `--branch ${JSON.stringify(pair)} is no ENV=BRANCH with an environment of threads.yml`,
      next: ["threads policy iam --help"],
    });
  });
  return Object.fromEntries([...gates, ...typed]) as Record<string, string>;
}

function shownRole(role: Role, subject: IamSubject, trust: Trust): ShownRole {
  const { name, job, environment = null, purpose, commands, permissions } = role;
  return {
    name,
    job,
    environment,
    purpose,
    commands,
    permissions: permissions.flatMap(shownPermissions),
    policy: documentOf(permissions),
    trust: trustOf(role, subject, trust) ?? null,
  };
}

function shownPermissions({ actions, resources, condition = {} }: Permission): readonly ShownPermission[] {
  const keys = Object.values(condition).flatMap((one) => Object.entries(one));
  const where = Object.fromEntries(keys.map(([key, value]) => [key, [value].flat().join(" or ")]));
  return Object.entries(actions).map(([action, why]) => ({ action, why, resources, where }));
}

/** What the trust policies leave open. */
function adviceFor(roles: readonly Role[], { github, branches, publishes }: Trust): string[] {
  const taken = roles.filter(({ job }) => job === "publisher" || job === "promoter" || job === "deployer");
  if (taken.length === 0) return [];
  if (github === undefined)
    return [
      "no workflow may take these roles yet: origin is not on GitHub; name the repository with --github OWNER/REPO",
    ];
  const { owner, name, ids } = github;
  const open = new Set(
    taken.map(({ environment = publishes }) => environment).filter((one) => branches[one] === undefined),
  );
  return [
    ...(ids === undefined
      ? [
          `a repository made since 15 July 2026 sends its ids too: gh api repos/${owner}/${name} --jq '"--github ${owner}@\\(.owner.id)/${name}@\\(.id)"'`,
        ]
      : []),
    ...[...open].map(
      (one) => `a workflow on any branch may take the roles of ${one}: name its branch with --branch ${one}=BRANCH`,
    ),
  ];
}
