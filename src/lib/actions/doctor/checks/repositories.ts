import { wildcard } from "../../../image/wildcard.ts";
import type { RepositorySettings } from "../../../registry/ecr/repository-settings.ts";
import { type Check, type DoctorFinding, ok } from "../check.ts";
import type { CheckPorts } from "../ports.ts";

export const repositoriesCheck: Check = {
  id: "repositories",
  title: "repositories",
  look: async (ports) => [judgeRepositories(await gather(ports))],
};

export const mutabilityCheck: Check = {
  id: "mutability",
  title: "tag mutability",
  look: async (ports) => {
    const [found, { services }, repo] = await Promise.all([gather(ports), ports.config(), ports.repo()]);
    const tags = services.flatMap((service) => fixedLabels.map((label) => repo.tagFor(service, label)));
    const settings = found.flatMap((one) => one.settings ?? []);
    return [judgeMutability(settings, [...new Set(tags)])];
  },
};

export const scanningCheck: Check = {
  id: "scanning",
  title: "scan on push",
  look: async (ports) => {
    if ((await ports.repo()).kind === "loopback")
      return [ok("the sandbox has no scanner: a scan finds what its settings say")];
    const [found, { registry }, repo] = await Promise.all([gather(ports), ports.config(), ports.repo()]);
    // A bundle holds two text files: there is nothing in it to scan. One repository for all holds images too.
    const images = found.filter(({ repository }) => repo.single || repository !== repo.repositoryFor(registry.bundle));
    return [judgeScanning(images.flatMap(({ settings }) => settings ?? []))];
  },
};

interface Found {
  readonly repository: string;
  /** Undefined where there is no such repository. */
  readonly settings: RepositorySettings | undefined;
}

async function gather(ports: CheckPorts): Promise<Found[]> {
  const repositories = await ports.repositories();
  return Promise.all(
    repositories.map(async (repository) => ({ repository, settings: await ports.settings(repository) })),
  );
}

function judgeRepositories(found: readonly Found[]): DoctorFinding {
  const missing = found.filter(({ settings }) => settings === undefined).map(({ repository }) => repository);
  const names = found.map(({ repository }) => repository).join(", ");
  if (missing.length === 0)
    return ok(found.length === 1 ? `${names} is there, for all services` : `all ${found.length} are there: ${names}`);
  return {
    state: "fail",
    says: `${missing.join(", ")} ${missing.length === 1 ? "does" : "do"} not exist`,
    next: [
      // Makes all of them; told in a sandbox only.
      "threads sandbox up",
      ...missing.map((name) => `aws ecr create-repository --repository-name ${name} --image-tag-mutability IMMUTABLE`),
    ],
  };
}

const sha = "0123456789abcdef0123456789abcdef01234567";
/** What must not move: a build's tag, and a promotion's. */
const fixedLabels = [sha, `prod-${sha}`];

/**
 * A tag that may move makes "the same sha" mean two things. Filters for caches and the like are welcome.
 * @param fixedTags examples of tags that must not move
 */
export function judgeMutability(all: readonly RepositorySettings[], fixedTags: readonly string[]): DoctorFinding {
  const loose = all.filter((settings) => fixedTags.some((tag) => mayMove(settings, tag)));
  if (loose.length === 0) return ok(all.length === 0 ? "no repository to look at" : "tags of releases cannot be moved");
  return {
    state: "warn",
    says: `tags of releases can be moved in ${loose.map(({ repository }) => repository).join(", ")}`,
    details: loose.map(({ repository, mutability, exclusions }) =>
      [`${repository}: ${mutability}`, ...(exclusions.length === 0 ? [] : [`except ${exclusions.join(", ")}`])].join(
        " ",
      ),
    ),
    next: loose.map(
      ({ repository }) =>
        `aws ecr put-image-tag-mutability --repository-name ${repository} --image-tag-mutability IMMUTABLE`,
    ),
  };
}

function mayMove({ mutability, exclusions }: RepositorySettings, tag: string): boolean {
  const excepted = exclusions.some((filter) => wildcard(filter).test(tag));
  const mutable = mutability === "MUTABLE" || mutability === "MUTABLE_WITH_EXCLUSION";
  return excepted ? !mutable : mutable;
}

export function judgeScanning(all: readonly RepositorySettings[]): DoctorFinding {
  const off = all.filter(({ scanOnPush }) => !scanOnPush).map(({ repository }) => repository);
  if (off.length === 0) return ok(all.length === 0 ? "no repository to look at" : "on for every image");
  return {
    state: "warn",
    says: `off in ${off.join(", ")}, unless the registry's scanning rules include them`,
    next: [
      "aws ecr get-registry-scanning-configuration",
      ...off.map(
        (name) =>
          `aws ecr put-image-scanning-configuration --repository-name ${name} --image-scanning-configuration scanOnPush=true`,
      ),
    ],
  };
}
