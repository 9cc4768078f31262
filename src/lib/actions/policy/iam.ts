import type { Config } from "../../config/config.ts";
import { ThreadsError } from "../../errors/threads-error.ts";
import { documentsOf } from "../../hosts/documents.ts";
import { documentOf, type Permission } from "../../iam/document.ts";
import { subjectOf } from "../../iam/from-config.ts";
import { repositoryAt, repositoryNamed, trustBy } from "../../iam/github-repository.ts";
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
  const github = typedRepository(options.github) ?? repositoryAt(await ports.remote());
  const known = trustBy(ports.config, github);
  const trust = { ...known, branches: { ...known.branches, ...typedBranches(options.branches, known, ports.config) } };
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

/** @throws ThreadsError USAGE for what is no repository of GitHub */
function typedRepository(text: string | undefined): GitHubRepository | undefined {
  const found = text === undefined ? undefined : repositoryNamed(text);
  if (text === undefined || found !== undefined) return found;
  throw new ThreadsError("USAGE", {
    message: `${JSON.stringify(text)} is no repository on GitHub: OWNER/REPO, or with both ids OWNER@1/REPO@2`,
    next: ["threads policy iam --help"],
  });
}

/** @throws ThreadsError USAGE */
function typedBranches(
  given: readonly string[],
  { publishes }: Pick<Trust, "publishes">,
  { environments }: Pick<Config, "environments">,
): Trust["branches"] {
  const typed = given.map((pair) => {
    const [, name = "", branch = ""] = /^([^=]+)=(.+)$/.exec(pair) ?? [];
    if (environments[name] !== undefined || name === publishes) return [name, branch] as const;
    throw new ThreadsError("USAGE", {
      message: `--branch ${JSON.stringify(pair)} is no ENV=BRANCH with an environment of threads.yml`,
      next: ["threads policy iam --help"],
    });
  });
  return Object.fromEntries(typed);
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
