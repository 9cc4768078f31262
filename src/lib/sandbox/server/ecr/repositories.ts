import { type Call, type Operation, ServiceError } from "../protocol.ts";
import { mutabilities, type Mutability, type RepositoryState } from "./index-state.ts";
import { page } from "./paging.ts";
import {
  type EcrParts,
  findRepository,
  invalidParameter,
  read,
  registryId,
  repositoryName,
  repositoryNamed,
  seconds,
} from "./parts.ts";

type Input = Readonly<Record<string, unknown>>;

export function createRepository(parts: EcrParts): Operation {
  return async (input, call) => {
    const name = read.string(input, "repositoryName", repositoryName);
    refuseForeign(parts, input, { call, action: "CreateRepository", name });
    if (repositoryNamed(parts, name) !== undefined)
      throw new ServiceError(
        "RepositoryAlreadyExistsException",
        `The repository with name '${name}' already exists in the registry with id '${parts.account}'`,
      );
    const byDefault: Mutability = parts.settings.immutableByDefault ? "IMMUTABLE" : "MUTABLE";
    const mutability = read.optionalOneOf(input, "imageTagMutability", mutabilities) ?? byDefault;
    const exclusions = readExclusions(input, mutability);
    const scanOnPush = readScanOnPush(input);
    const created = { name, createdAt: seconds(parts), mutability, exclusions, scanOnPush, images: {}, tags: {} };
    await parts.index.update(({ repositories }) => (repositories[name] = created));
    return { repository: show(parts, created) };
  };
}

export function describeRepositories(parts: EcrParts): Operation {
  return (input, call) => {
    const names = read.optionalStrings(input, "repositoryNames", { min: 1, max: 100 });
    if (names !== undefined) {
      if (input["nextToken"] !== undefined || input["maxResults"] !== undefined)
        throw invalidParameter("repositoryNames", "cannot be used with maxResults or nextToken");
      const found = names.map((name) => findRepository(parts, { ...input, repositoryName: name }));
      return Promise.resolve({ repositories: found.map((repository) => show(parts, repository)) });
    }
    refuseForeign(parts, input, { call, action: "DescribeRepositories", name: "*" });
    const all = Object.values(parts.index.state.repositories).sort((one, other) => (one.name < other.name ? -1 : 1));
    const { items, ...next } = page(input, all, ({ name }) => name);
    return Promise.resolve({ repositories: items.map((repository) => show(parts, repository)), ...next });
  };
}

export function deleteRepository(parts: EcrParts): Operation {
  return async (input) => {
    const { name } = findRepository(parts, input);
    const force = read.optionalBoolean(input, "force") ?? false;
    return parts.serial(name, async () => {
      const repository = findRepository(parts, input);
      const digests = Object.keys(repository.images);
      if (digests.length > 0 && !force)
        throw new ServiceError(
          "RepositoryNotEmptyException",
          `The repository with name '${name}' in registry with id '${parts.account}' cannot be deleted because it still contains images`,
        );
      await parts.index.update(({ repositories }) => delete repositories[name]);
      for (const digest of digests)
        await parts.upstream.send({ method: "DELETE", path: `/v2/${name}/manifests/${digest}` });
      return { repository: show(parts, repository) };
    });
  };
}

export function putImageTagMutability(parts: EcrParts): Operation {
  return async (input) => {
    const repository = findRepository(parts, input);
    const mutability = read.oneOf(input, "imageTagMutability", mutabilities);
    const exclusions = readExclusions(input, mutability);
    await parts.index.update(() => Object.assign(repository, { mutability, exclusions }));
    return { registryId: parts.account, repositoryName: repository.name, ...showMutability(repository) };
  };
}

export function putImageScanningConfiguration(parts: EcrParts): Operation {
  return async (input) => {
    const repository = findRepository(parts, input);
    const scanOnPush = readScanOnPush(input);
    await parts.index.update(() => Object.assign(repository, { scanOnPush }));
    const imageScanningConfiguration = { scanOnPush };
    return { registryId: parts.account, repositoryName: repository.name, imageScanningConfiguration };
  };
}

function readScanOnPush(input: Input): boolean {
  const given = read.optionalRecord(input, "imageScanningConfiguration") ?? {};
  return read.optionalBoolean(given, "scanOnPush") ?? false;
}

/** At most five filters of wildcards, only with the two settings that take them, and then at least one (botocore's model; ECR user guide). */
function readExclusions(input: Input, mutability: Mutability): string[] {
  const filters = read.optionalRecords(input, "imageTagMutabilityExclusionFilters", { min: 1, max: 5 });
  if (mutability.endsWith("_WITH_EXCLUSION") !== (filters !== undefined))
    throw invalidParameter(
      "imageTagMutabilityExclusionFilters",
      "must be given with IMMUTABLE_WITH_EXCLUSION or MUTABLE_WITH_EXCLUSION, and only with them",
    );
  return (filters ?? []).map((item) => {
    read.oneOf(item, "filterType", ["WILDCARD"]);
    return read.string(item, "filter", { min: 1, max: 128, pattern: /^[0-9a-zA-Z._*-]+$/ });
  });
}

function refuseForeign(
  parts: EcrParts,
  input: Input,
  attempt: { readonly call: Call; readonly action: string; readonly name: string },
): void {
  const id = registryId(parts, input);
  if (id === parts.account) return;
  const resource = `arn:aws:ecr:${parts.region}:${id}:repository/${attempt.name}`;
  throw new ServiceError(
    "AccessDeniedException",
    `User: ${attempt.call.identity.arn} is not authorized to perform: ecr:${attempt.action} on resource: ${resource}`,
  );
}

function showMutability({ mutability, exclusions }: RepositoryState): Record<string, unknown> {
  const filters = exclusions.map((filter) => ({ filterType: "WILDCARD", filter }));
  return {
    imageTagMutability: mutability,
    ...(filters.length === 0 ? {} : { imageTagMutabilityExclusionFilters: filters }),
  };
}

function show(parts: EcrParts, repository: RepositoryState): Record<string, unknown> {
  const { name, createdAt } = repository;
  return {
    repositoryArn: `arn:aws:ecr:${parts.region}:${parts.account}:repository/${name}`,
    registryId: parts.account,
    repositoryName: name,
    repositoryUri: `${parts.endpoint}/${name}`,
    createdAt,
    ...showMutability(repository),
    imageScanningConfiguration: { scanOnPush: repository.scanOnPush ?? false },
    encryptionConfiguration: { encryptionType: "AES256" },
  };
}
