import { type Digest, isDigest } from "../../../image/digest.ts";
import type { ImageState, RepositoryState } from "./index-state.ts";
import { tagPattern } from "./manifest.ts";
import { read } from "./parts.ts";

/** An image identifier as the caller gave it; the reply repeats it. */
export interface ImageId {
  readonly imageTag?: string;
  readonly imageDigest?: string;
}

export interface Failure {
  readonly imageId: ImageId;
  readonly failureCode: string;
  readonly failureReason: string;
}

/** `imageIds`, 1..100 (botocore's service model). */
export function readImageIds(input: Readonly<Record<string, unknown>>): ImageId[] {
  return read.records(input, "imageIds", { min: 1, max: 100 }).map((item) => {
    const imageTag = read.optionalString(item, "imageTag");
    const imageDigest = read.optionalString(item, "imageDigest");
    return { ...(imageDigest === undefined ? {} : { imageDigest }), ...(imageTag === undefined ? {} : { imageTag }) };
  });
}

/** The image that an id names, or why there is none, with the codes of the enum ImageFailureCode. */
export function lookUp(repository: RepositoryState, imageId: ImageId): ImageState | Failure {
  const { imageTag, imageDigest } = imageId;
  const fail = (failureCode: string, failureReason: string): Failure => ({ imageId, failureCode, failureReason });
  if (imageTag === undefined && imageDigest === undefined)
    return fail("MissingDigestAndTag", "Invalid request parameters: both tag and digest cannot be null");
  if (imageDigest !== undefined && !isDigest(imageDigest))
    return fail(
      "InvalidImageDigest",
      "Invalid request parameters: image digest should satisfy the regex 'sha256:[a-f0-9]{64}'",
    );
  if (imageTag !== undefined && !tagPattern.test(imageTag))
    return fail(
      "InvalidImageTag",
      `Invalid request parameters: image tag should satisfy the regex '${tagPattern.source}'`,
    );
  const tagged =
    imageTag !== undefined && Object.hasOwn(repository.tags, imageTag) ? repository.tags[imageTag] : undefined;
  const digest: Digest | undefined = imageTag === undefined ? imageDigest : tagged;
  const image = digest === undefined ? undefined : repository.images[digest];
  if (image === undefined) return fail("ImageNotFound", "Requested image not found");
  if (imageDigest !== undefined && image.digest !== imageDigest)
    return fail("ImageTagDoesNotMatchDigest", `Requested tag ${imageTag} does not match digest ${imageDigest}`);
  return image;
}
