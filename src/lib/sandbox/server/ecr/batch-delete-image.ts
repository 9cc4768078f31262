import type { Digest } from "../../../image/digest.ts";
import type { Operation } from "../protocol.ts";
import { type Failure, type ImageId, lookUp, readImageIds } from "./image-ids.ts";
import { referrersOf, removeImage, type RepositoryState, tagsOf } from "./index-state.ts";
import { type EcrParts, findRepository } from "./parts.ts";

interface Outcome {
  readonly imageIds: ImageId[];
  readonly failures: Failure[];
}

/** BatchDeleteImage: by tag removes the tag, and with the last tag the image; by digest removes the image and its tags (ECR user guide, deleting an image). */
export function batchDeleteImage(parts: EcrParts): Operation {
  return async (input) => {
    const { name } = findRepository(parts, input);
    const ids = readImageIds(input);
    return parts.serial(name, async () => {
      const repository = findRepository(parts, input);
      const outcome: Outcome = { imageIds: [], failures: [] };
      for (const id of ids) await remove(parts, repository, { id, outcome });
      return outcome;
    });
  };
}

async function remove(
  parts: EcrParts,
  repository: RepositoryState,
  { id, outcome }: { readonly id: ImageId; readonly outcome: Outcome },
): Promise<void> {
  const found = lookUp(repository, id);
  if ("failureCode" in found) {
    outcome.failures.push(found);
    return;
  }
  const { digest } = found;
  const tags = tagsOf(repository, digest);
  const { imageTag } = id;
  if (imageTag !== undefined && tags.length > 1) {
    await parts.index.update(() => delete repository.tags[imageTag]);
    outcome.imageIds.push({ imageDigest: digest, imageTag });
    return;
  }
  const indexes = referrersOf(repository, digest);
  if (indexes.length > 0) {
    const failureReason = `Requested image referenced by manifest list: [${indexes.join(", ")}]`;
    outcome.failures.push({ imageId: id, failureCode: "ImageReferencedByManifestList", failureReason });
    return;
  }
  await erase(parts, repository, digest);
  outcome.imageIds.push(
    ...(tags.length === 0 ? [{ imageDigest: digest }] : tags.map((tag) => ({ imageDigest: digest, imageTag: tag }))),
  );
}

async function erase(parts: EcrParts, repository: RepositoryState, digest: Digest): Promise<void> {
  await parts.index.update(() => removeImage(repository, digest));
  await parts.upstream.send({ method: "DELETE", path: `/v2/${repository.name}/manifests/${digest}` });
}
