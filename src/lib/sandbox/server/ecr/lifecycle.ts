import { type Operation, ServiceError } from "../protocol.ts";
import { lookUp, readImageIds } from "./image-ids.ts";
import { type RepositoryState, tagsOf } from "./index-state.ts";
import { readPolicy } from "./lifecycle-document.ts";
import { evaluatePolicy, type Taken } from "./lifecycle-preview.ts";
import { page } from "./paging.ts";
import { type EcrParts, findRepository, read, seconds } from "./parts.ts";

/** Lifecycle policies: stored, checked and previewed. Nothing here ever carries one out. */
export function lifecycle(parts: EcrParts): Readonly<Record<string, Operation>> {
  return {
    PutLifecyclePolicy: async (input) => {
      const repository = findRepository(parts, input);
      const text = read.string(input, "lifecyclePolicyText");
      readPolicy(text);
      const lifecyclePolicy = { text, evaluatedAt: seconds(parts) };
      await parts.index.update(() => Object.assign(repository, { lifecyclePolicy }));
      return { ...named(parts, repository), lifecyclePolicyText: text };
    },
    GetLifecyclePolicy: (input) => Promise.resolve(show(parts, findRepository(parts, input))),
    DeleteLifecyclePolicy: async (input) => {
      const repository = findRepository(parts, input);
      const shown = show(parts, repository);
      await parts.index.update(() => delete repository.lifecyclePolicy);
      return shown;
    },
    StartLifecyclePolicyPreview: async (input) => {
      const repository = findRepository(parts, input);
      const given = read.optionalString(input, "lifecyclePolicyText");
      const text = given ?? show(parts, repository).lifecyclePolicyText;
      readPolicy(text);
      await parts.index.update(() => Object.assign(repository, { lifecyclePreview: text }));
      return { ...named(parts, repository), lifecyclePolicyText: text, status: "IN_PROGRESS" };
    },
    GetLifecyclePolicyPreview: getPreview(parts),
  };
}

function named(parts: EcrParts, { name }: RepositoryState): { registryId: string; repositoryName: string } {
  return { registryId: parts.account, repositoryName: name };
}

/** @throws ServiceError LifecyclePolicyNotFoundException */
function show(parts: EcrParts, repository: RepositoryState): { lifecyclePolicyText: string; lastEvaluatedAt: number } {
  const { lifecyclePolicy: policy, name } = repository;
  if (policy !== undefined)
    return { ...named(parts, repository), lifecyclePolicyText: policy.text, lastEvaluatedAt: policy.evaluatedAt };
  throw new ServiceError(
    "LifecyclePolicyNotFoundException",
    `Lifecycle policy does not exist for the repository with name '${name}' in the registry with id '${parts.account}'`,
  );
}

/** The preview is of the moment in which it is read: here it is complete as soon as it was asked for. */
function getPreview(parts: EcrParts): Operation {
  return (input) => {
    const repository = findRepository(parts, input);
    const { lifecyclePreview: text, name } = repository;
    if (text === undefined)
      throw new ServiceError(
        "LifecyclePolicyPreviewNotFoundException",
        `Lifecycle policy preview does not exist for the repository with name '${name}' in the registry with id '${parts.account}'`,
      );
    const taken = evaluatePolicy(readPolicy(text), repository, seconds(parts));
    const asked = input["imageIds"] === undefined ? taken : only(taken, repository, input);
    const { items, ...next } = page(input, asked, ({ image }) => image.digest);
    const transitions = taken.filter(({ rule }) => rule.action.type === "transition").length;
    const summary = {
      expiringImageTotalCount: taken.length - transitions,
      ...(transitions === 0
        ? {}
        : { transitioningImageTotalCounts: [{ targetStorageClass: "ARCHIVE", imageTotalCount: transitions }] }),
    };
    const previewResults = items.map((one) => showTaken(repository, one));
    return Promise.resolve({
      ...named(parts, repository),
      lifecyclePolicyText: text,
      status: "COMPLETE",
      previewResults,
      ...next,
      summary,
    });
  };
}

function only(taken: readonly Taken[], repository: RepositoryState, input: Parameters<Operation>[0]): Taken[] {
  const wanted = new Set(
    readImageIds(input).flatMap((id) => {
      const found = lookUp(repository, id);
      return "failureCode" in found ? [] : [found.digest];
    }),
  );
  return taken.filter(({ image }) => wanted.has(image.digest));
}

function showTaken(repository: RepositoryState, { image, rule }: Taken): unknown {
  const tags = tagsOf(repository, image.digest);
  return {
    ...(tags.length === 0 ? {} : { imageTags: tags }),
    imageDigest: image.digest,
    imagePushedAt: image.pushedAt,
    action: rule.action.type === "expire" ? { type: "EXPIRE" } : { type: "TRANSITION", targetStorageClass: "ARCHIVE" },
    appliedRulePriority: rule.rulePriority,
    storageClass: "STANDARD",
  };
}
