import type { BatchGetImageCommandOutput, Image, ImageFailure } from "@aws-sdk/client-ecr";
import { ThreadsError } from "../errors/threads-error.ts";
import { type Digest, digestOf, isDigest } from "../image/digest.ts";
import { requireTag } from "../image/tag.ts";
import type { EcrConnection } from "./ecr-call.ts";
import type { StoredManifest } from "./registry.ts";

/** All that a repository may hold: with fewer, ECR translates what a tag names into another manifest with another digest. */
const acceptedMediaTypes = [
  "application/vnd.oci.image.manifest.v1+json",
  "application/vnd.oci.image.index.v1+json",
  "application/vnd.docker.distribution.manifest.v2+json",
  "application/vnd.docker.distribution.manifest.list.v2+json",
];

/** Why there is no such image: not there at all, or the tag names another digest than the one that was asked for. */
export type Found = { readonly image: StoredManifest } | { readonly image: undefined; readonly moved: boolean };

/**
 * Reads a manifest by tag or digest, or by both (then only if the tag names that digest).
 * The bytes are checked against the digest; where ECR translated them, they are read again by digest, which it never translates.
 */
export async function readImage(
  ecr: EcrConnection,
  repository: string,
  reference: string,
  digest?: Digest,
): Promise<Found> {
  const byDigest = isDigest(reference);
  const imageId = byDigest
    ? { imageDigest: reference }
    : { imageTag: requireTag(reference), ...(digest === undefined ? {} : { imageDigest: digest }) };
  const name = `${repository}${byDigest ? "@" : ":"}${reference}`;
  const reply = await ecr.call<BatchGetImageCommandOutput>({
    doing: `looking up ${name}`,
    repository,
    send: (client, sdk, options) => {
      const input = { registryId: ecr.registryId, repositoryName: repository, imageIds: [imageId], acceptedMediaTypes };
      return client.send(new sdk.BatchGetImageCommand(input), options);
    },
  });
  // The call succeeds whatever it found: an answer for the one image that was asked for is what counts.
  const image = reply.images?.[0];
  if (image === undefined) return { image: undefined, moved: whyMissing(reply.failures?.[0], name) };
  const stored = asStored(image);
  if (stored !== undefined) return { image: stored };
  if (!byDigest && image.imageId?.imageDigest !== undefined)
    return readImage(ecr, repository, image.imageId.imageDigest);
  throw new ThreadsError("refused", {
    code: "DIGEST_MISMATCH",
    message: `the bytes that ECR gave for ${name} are not those of its digest`,
    next: ["try again; if it stays so, the registry or a proxy before it alters manifests"],
  });
}

function asStored(image: Image): StoredManifest | undefined {
  const digest = image.imageId?.imageDigest ?? "";
  const body = image.imageManifest ?? "";
  if (!isDigest(digest) || digestOf(body) !== digest) return undefined;
  return { digest, body, mediaType: image.imageManifestMediaType ?? declaredMediaType(body) };
}

/** OCI lets a manifest leave its own media type out; ECR's reply then names it. */
function declaredMediaType(body: string): string {
  return (JSON.parse(body) as { mediaType?: string }).mediaType ?? "application/vnd.oci.image.manifest.v1+json";
}

/** @returns whether the tag is there, but names another digest. @throws ThreadsError for anything but a plain "not there". */
function whyMissing(failure: ImageFailure | undefined, name: string): boolean {
  const refused = (code: string, message: string, next: string[]): ThreadsError =>
    new ThreadsError("refused", { code, message, next });
  switch (failure?.failureCode) {
    case "ImageNotFound":
      return false;
    case "ImageTagDoesNotMatchDigest":
      return true;
    case "ImageInaccessible":
      throw refused("IMAGE_ARCHIVED", `${name} is archived or blocked: ${failure.failureReason ?? ""}`, [
        "restore it from the archive (up to 20 minutes), then run this again",
      ]);
    case "KmsError":
      throw refused("KMS_KEY", `the key that encrypts ${name} cannot be used: ${failure.failureReason ?? ""}`, [
        "aws ecr describe-repositories",
      ]);
    default:
      throw refused("AWS_FAILURE", `ECR answered ${failure?.failureCode ?? "nothing"} for ${name}`, [
        "try again in a minute",
      ]);
  }
}
