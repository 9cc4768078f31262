import type { Config } from "../config/config.ts";
import { isGithubItself, remoteAddress } from "../text/remote-address.ts";
import type { GitHubRepository, Trust } from "./trust.ts";

/** @param text `OWNER/REPO`, or with both ids `OWNER@1/REPO@2`. @returns undefined for anything else */
export function repositoryNamed(text: string): GitHubRepository | undefined {
  const [, owner = "", ownerId, name = "", nameId] = /^([\w.-]+)(?:@(\d+))?\/([\w.-]+)(?:@(\d+))?$/.exec(text) ?? [];
  if (owner === "" || (ownerId === undefined) !== (nameId === undefined)) return undefined;
  const ids = ownerId === undefined || nameId === undefined ? undefined : { owner: ownerId, name: nameId };
  return { owner, name, ids };
}

/** Of git's `origin`, where that is on GitHub. */
export function repositoryAt(url = ""): GitHubRepository | undefined {
  const at = remoteAddress(url);
  return at !== undefined && isGithubItself(at) ? { owner: at.owner, name: at.name, ids: undefined } : undefined;
}

/** Whom the roles of an application trust where nobody says more than threads.yml. */
export function trustBy(config: Pick<Config, "environments">, github: GitHubRepository | undefined): Trust {
  const gates = Object.values(config.environments).flatMap(({ name, gates: { branch } }) =>
    branch === undefined ? [] : [[name, branch] as const],
  );
  return { github, publishes: publishesAs(config), branches: Object.fromEntries(gates) };
}

/** The publisher's job runs in GitHub's environment of that name: of those in threads.yml one to which nothing is deployed. */
function publishesAs({ environments }: Pick<Config, "environments">): string {
  return (
    Object.values(environments).find(
      ({ hosts, ecs, requiresPromotion }) => hosts === undefined && ecs === undefined && !requiresPromotion,
    )?.name ?? "publish"
  );
}
