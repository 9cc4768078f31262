import type { Operation } from "../protocol.ts";
import { convert } from "./conversion.ts";
import { type Failure, type ImageId, lookUp, readImageIds } from "./image-ids.ts";
import type { ImageState, RepositoryState } from "./index-state.ts";
import { digestOf } from "./manifest.ts";
import { type EcrParts, findRepository, read } from "./parts.ts";
import { readManifest } from "./read-manifest.ts";

/** BatchGetImage: status 200 whatever is missing; what was not found is in `failures`. */
export function batchGetImage(parts: EcrParts): Operation {
  return async (input) => {
    const repository = findRepository(parts, input);
    const ids = readImageIds(input);
    const accepted = read.optionalStrings(input, "acceptedMediaTypes", { min: 1, max: 100 });
    const images: unknown[] = [];
    const failures: Failure[] = [];
    for (const id of ids) {
      const found = lookUp(repository, id);
      if ("failureCode" in found) {
        failures.push(found);
        continue;
      }
      const image = await show(parts, repository, { image: found, id, accepted });
      if (image === undefined)
        failures.push({ imageId: id, failureCode: "ImageNotFound", failureReason: "Requested image not found" });
      else images.push(image);
    }
    return { images, failures };
  };
}

async function show(
  parts: EcrParts,
  repository: RepositoryState,
  wanted: { readonly image: ImageState; readonly id: ImageId; readonly accepted: readonly string[] | undefined },
): Promise<unknown> {
  const { image, id, accepted } = wanted;
  const stored = { body: await readManifest(parts, repository.name, image), mediaType: image.mediaType };
  const asStored = id.imageDigest !== undefined || accepted === undefined || accepted.includes(image.mediaType);
  const given = asStored ? stored : convert(stored.body, image.mediaType, accepted);
  if (given === undefined) return undefined;
  return {
    registryId: parts.account,
    repositoryName: repository.name,
    imageId: { imageDigest: digestOf(given.body), ...(id.imageTag === undefined ? {} : { imageTag: id.imageTag }) },
    imageManifest: given.body.toString("utf8"),
    imageManifestMediaType: given.mediaType,
  };
}
