import { isDigest } from "../../../image/digest.ts";
import { type Operation, ServiceError } from "../protocol.ts";
import { isImmutable, type RepositoryState, tagsPerImage } from "./index-state.ts";
import { largestManifest, type Manifest, parseManifest, tagPattern } from "./manifest.ts";
import { type EcrParts, findRepository, invalidParameter, read } from "./parts.ts";
import { storeImage } from "./store-image.ts";

/** PutImage (API reference; exceptions as observed by its users, see the tests). The digest is that of the very characters of `imageManifest`. */
export function putImage(parts: EcrParts): Operation {
  return async (input) => {
    const { name } = findRepository(parts, input);
    const body = read.string(input, "imageManifest", { min: 1, max: largestManifest });
    const mediaType = read.optionalString(input, "imageManifestMediaType");
    const tag = read.optionalString(input, "imageTag", { min: 1, max: 300 });
    const claimed = read.optionalString(input, "imageDigest");
    if (tag !== undefined && !tagPattern.test(tag))
      throw invalidParameter("imageTag", `must satisfy regular expression '${tagPattern.source}'`);
    if (claimed !== undefined && !isDigest(claimed))
      throw invalidParameter("imageDigest", "must satisfy regular expression 'sha256:[a-f0-9]{64}'");
    const manifest = parseManifest(Buffer.from(body, "utf8"), mediaType);
    if ("rule" in manifest) throw invalidParameter(manifest.at, manifest.rule);
    if (claimed !== undefined && claimed !== manifest.digest)
      throw new ServiceError(
        "ImageDigestDoesNotMatchException",
        `The provided digest ${claimed} does not match the digest ${manifest.digest} calculated for the manifest`,
      );
    await parts.serial(name, () => put(parts, findRepository(parts, input), { manifest, tag }));
    const imageId = { imageDigest: manifest.digest, ...(tag === undefined ? {} : { imageTag: tag }) };
    return {
      image: {
        registryId: parts.account,
        repositoryName: name,
        imageId,
        imageManifest: body,
        imageManifestMediaType: manifest.mediaType,
      },
    };
  };
}

async function put(
  parts: EcrParts,
  repository: RepositoryState,
  wanted: { readonly manifest: Manifest; readonly tag: string | undefined },
): Promise<void> {
  refuseExisting(parts, repository, wanted);
  const outcome = await storeImage(parts, repository, wanted);
  const where = `in the repository with name '${repository.name}' in registry with id '${parts.account}'`;
  switch (outcome.kind) {
    case "stored":
      return;
    case "too-many-tags":
      throw new ServiceError(
        "LimitExceededException",
        `The image already has the maximum of ${tagsPerImage} tags ${where}`,
      );
    case "missing": {
      const list = `[${outcome.missing.join(", ")}]`;
      throw wanted.manifest.children.length > 0
        ? new ServiceError(
            "ReferencedImagesNotFoundException",
            `The referenced images with digests ${list} do not exist ${where}`,
          )
        : new ServiceError(
            "LayersNotFoundException",
            `Layers with digests '${list}' required for pushing the image do not exist ${where}`,
          );
    }
    case "refused":
      throw outcome.status >= 500
        ? new ServiceError("ServerException", outcome.message, 500)
        : invalidParameter("imageManifest", outcome.message);
  }
}

function refuseExisting(
  parts: EcrParts,
  repository: RepositoryState,
  { manifest, tag }: { readonly manifest: Manifest; readonly tag: string | undefined },
): void {
  const where = `in the repository with name '${repository.name}' in registry with id '${parts.account}'`;
  if (tag === undefined) {
    if (repository.images[manifest.digest] === undefined) return;
    throw new ServiceError(
      "ImageAlreadyExistsException",
      `Image with digest '${manifest.digest}' already exists ${where}`,
    );
  }
  const current = Object.hasOwn(repository.tags, tag) ? repository.tags[tag] : undefined;
  if (current === undefined) return;
  // An immutable tag is refused for an equal digest too (aws/containers-roadmap#2179, #2380).
  if (isImmutable(repository, tag))
    throw new ServiceError(
      "ImageTagAlreadyExistsException",
      `The image tag '${tag}' already exists in the '${repository.name}' repository and cannot be overwritten because the repository is immutable.`,
    );
  if (current === manifest.digest)
    throw new ServiceError(
      "ImageAlreadyExistsException",
      `Image with digest '${current}' and tag '${tag}' already exists ${where}`,
    );
}
