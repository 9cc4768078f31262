import type { Config, EcsConfig, EnvironmentConfig } from "../config/config.ts";
import { logGroupOf, servicePrefix } from "../config/ecs-names.ts";
import { ThreadsError } from "../errors/threads-error.ts";
import { parseEcrRepo } from "../image/ecr-repo.ts";
import { isSingle, repositoryIn } from "../image/layout.ts";
import { loopbackAccount } from "../image/registry-address.ts";
import type { IamEcs, IamEnvironment, IamSubject } from "./subject.ts";

/** @param region of AWS, where ECR_REPO does not say it. @throws ThreadsError ECR_REPO_…, NO_REGION */
export function subjectOf(config: Config, region: string | undefined): IamSubject {
  const { app, registry } = config;
  const { registry: address, layout } = parseEcrRepo(registry.repository, app);
  // The sandbox's registry is no account of AWS; what threads.yml says of that is what roles are made for.
  const own = address?.kind === "ecr" ? address : undefined;
  const account = own?.account ?? config.account ?? (address === undefined ? undefined : loopbackAccount);
  if (account === undefined)
    throw new ThreadsError("ECR_REPO_INCOMPLETE", {
      message: "neither ECR_REPO nor threads.yml names the AWS account that the roles are for",
      next: ["aws sts get-caller-identity --query Account"],
      advice: ["write it into threads.yml as account, or the whole registry into ECR_REPO"],
    });
  const where = own?.region ?? config.region ?? region;
  if (where === undefined)
    throw new ThreadsError("NO_REGION", {
      message: "no AWS region: neither ECR_REPO, `region` in threads.yml nor AWS_REGION names one",
      next: ["export AWS_REGION=eu-west-1"],
    });
  // What compose files take from elsewhere has repositories too, which threads.yml does not name.
  const repositories = isSingle(layout) ? [layout.repository] : [repositoryIn(layout, "*")];
  return {
    app,
    account,
    region: where,
    repositories,
    environments: environmentsOf(config),
    signing: signingOf(config),
  };
}

/** Nobody signs for nothing: where neither a key nor a gate is named, the roles need not know of signatures. */
export function signingOf({ signing, environments }: Pick<Config, "signing" | "environments">): IamSubject["signing"] {
  const isAsked = Object.values(environments).some(({ gates }) => gates.signature !== undefined);
  return isAsked || signing.key !== undefined ? { key: signing.key } : undefined;
}

/** What threads.yml says of environments, as far as it matters to roles. */
export function environmentsOf(config: Pick<Config, "app" | "environments" | "runtime">): readonly IamEnvironment[] {
  return Object.values(config.environments).map((one) => environmentOf(one, config));
}

function environmentOf(
  { name, hosts, ecs, gates, requiresPromotion, envFrom }: EnvironmentConfig,
  config: Pick<Config, "app" | "runtime">,
): IamEnvironment {
  return {
    name,
    hosts: hosts && {
      tag: hosts.tag,
      value: hosts.value,
      documents: hosts.documents === true,
      logGroup: hosts.logGroup,
    },
    ecs: ecs && ecsOf(name, ecs, config.app),
    isGated: requiresPromotion,
    looksAt: [
      ...(gates.verified === undefined ? [] : [gates.verified]),
      ...(gates.rehearsed === undefined ? [] : [name]),
    ],
    hasScanGate: gates.scan !== undefined,
    signature: gates.signature && { key: "key" in gates.signature.by ? gates.signature.by.key : undefined },
    calendars: gates.window?.calendars ?? [],
    envFrom: envFrom ?? config.runtime.envFrom,
  };
}

/** Services and families are called by application, environment and task, or as threads.yml says. */
function ecsOf(environment: string, ecs: EcsConfig, app: string): IamEcs {
  const usual = servicePrefix(app, environment);
  const tasks = Object.values(ecs.services);
  const services = tasks.flatMap(({ name }) => name ?? []);
  const families = tasks.flatMap(({ name, family = name }) => family ?? []);
  const others = (names: readonly string[]): readonly string[] =>
    [...new Set(names)].filter((name) => !name.startsWith(usual));
  return {
    cluster: ecs.cluster.slice(ecs.cluster.lastIndexOf("/") + 1),
    services: [`${usual}*`, ...others(services)],
    families: [`${usual}*`, ...others(families)],
    roles: [...new Set([ecs.executionRole, ecs.taskRole].filter((role) => role !== undefined))],
    shifting: [...new Set(tasks.flatMap(({ shift }) => shift?.role ?? []))],
    logGroup: logGroupOf(ecs, app, environment),
  };
}
