import { type Operation, ServiceError } from "../protocol.ts";
import { type ImageId, lookUp, readImageIds } from "./image-ids.ts";
import { type ImageState, type RepositoryState, tagsOf } from "./index-state.ts";
import { page } from "./paging.ts";
import { type EcrParts, findRepository, invalidParameter, read } from "./parts.ts";

type Input = Readonly<Record<string, unknown>>;

/** ListImages: one entry per tag, and one for each untagged image. */
export function listImages(parts: EcrParts): Operation {
  return (input) => {
    const repository = findRepository(parts, input);
    const entries = wanted(repository, input).flatMap(({ digest }): ImageId[] => {
      const tags = tagsOf(repository, digest);
      return tags.length === 0
        ? [{ imageDigest: digest }]
        : tags.map((imageTag) => ({ imageDigest: digest, imageTag }));
    });
    const { items, ...next } = page(input, entries, ({ imageDigest, imageTag }) => `${imageDigest}:${imageTag ?? ""}`);
    return Promise.resolve({ imageIds: items, ...next });
  };
}

/** DescribeImages: by ids all or ImageNotFoundException, otherwise by pages. */
export function describeImages(parts: EcrParts): Operation {
  return (input) => {
    const repository = findRepository(parts, input);
    if (input["imageIds"] === undefined) {
      const { items, ...next } = page(input, wanted(repository, input), ({ digest }) => digest);
      return Promise.resolve({ imageDetails: items.map((image) => describe(parts, repository, image)), ...next });
    }
    if (input["nextToken"] !== undefined || input["maxResults"] !== undefined)
      throw invalidParameter("imageIds", "cannot be used with maxResults or nextToken");
    const found = new Map(readImageIds(input).map((id) => [id, lookUp(repository, id)]));
    const images = [...found].map(([id, image]) => {
      if ("failureCode" in image) throw missing(parts, repository, { id, code: image.failureCode });
      return image;
    });
    return Promise.resolve({ imageDetails: [...new Set(images)].map((image) => describe(parts, repository, image)) });
  };
}

function missing(
  parts: EcrParts,
  repository: RepositoryState,
  { id, code }: { readonly id: ImageId; readonly code: string },
): ServiceError {
  if (code.startsWith("Invalid") || code.startsWith("Missing")) return invalidParameter("imageIds", code);
  const quoted = (text: string | undefined): string => (text === undefined ? "null" : `'${text}'`);
  return new ServiceError(
    "ImageNotFoundException",
    `The image with imageId {imageDigest:${quoted(id.imageDigest)}, imageTag:${quoted(id.imageTag)}} does not exist within the repository with name '${repository.name}' in the registry with id '${parts.account}'`,
  );
}

/** The repository's images under the filter, in a stable order. */
function wanted(repository: RepositoryState, input: Input): ImageState[] {
  const filter = read.optionalRecord(input, "filter") ?? {};
  const status = read.optionalOneOf(filter, "tagStatus", ["TAGGED", "UNTAGGED", "ANY"]) ?? "ANY";
  const state = read.optionalOneOf(filter, "imageStatus", ["ACTIVE", "ARCHIVED", "ACTIVATING", "ANY"]) ?? "ACTIVE";
  // Nothing is ever archived here.
  if (state === "ARCHIVED" || state === "ACTIVATING") return [];
  const tagged = new Set<string>(Object.values(repository.tags));
  return Object.values(repository.images)
    .filter(({ digest }) => status === "ANY" || tagged.has(digest) === (status === "TAGGED"))
    .sort((one, other) => (one.digest < other.digest ? -1 : 1));
}

function describe(parts: EcrParts, repository: RepositoryState, image: ImageState): Record<string, unknown> {
  const tags = tagsOf(repository, image.digest);
  return {
    registryId: parts.account,
    repositoryName: repository.name,
    imageDigest: image.digest,
    ...(tags.length === 0 ? {} : { imageTags: tags }),
    imageSizeInBytes: image.size,
    imagePushedAt: image.pushedAt,
    imageManifestMediaType: image.mediaType,
    ...(image.artifactMediaType === undefined ? {} : { artifactMediaType: image.artifactMediaType }),
    ...(image.subject === undefined ? {} : { subjectManifestDigest: image.subject }),
    ...(image.lastPulledAt === undefined ? {} : { lastRecordedPullTime: image.lastPulledAt }),
    imageStatus: "ACTIVE",
  };
}
