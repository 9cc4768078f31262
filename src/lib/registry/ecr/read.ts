import type { BatchGetImageCommandOutput, Image, ImageFailure, ImageIdentifier } from "@aws-sdk/client-ecr";
import type { SettledCode } from "../../errors/codes.ts";
import type { Next } from "../../errors/next.ts";
import { ThreadsError } from "../../errors/threads-error.ts";
import { type Digest, digestOf, isDigest } from "../../image/digest.ts";
import { requireTag } from "../../image/tag.ts";
import type { EcrConnection } from "./call.ts";
import type { StoredManifest } from "../registry.ts";

/** All that a repository may hold: with fewer, ECR translates what a tag names into another manifest with another digest. */
const acceptedMediaTypes = [
  "application/vnd.oci.image.manifest.v1+json",
  "application/vnd.oci.image.index.v1+json",
  "application/vnd.docker.distribution.manifest.v2+json",
  "application/vnd.docker.distribution.manifest.list.v2+json",
];

/** What to look for in a repository. */
type ImageSelector = { readonly tag: string } | { readonly digest: Digest };

/** @returns undefined where there is no such image. */
export type ReadImage = (repository: string, reference: string) => Promise<StoredManifest | undefined>;

interface Waiting {
  readonly sought: ImageSelector;
  readonly resolve: (found: StoredManifest | undefined | PromiseLike<StoredManifest | undefined>) => void;
  readonly reject: (error: unknown) => void;
}

/** ECR's limit (BatchGetImage, API reference). */
const idsPerCall = 100;

/**
 * Reads manifests. Whatever is asked of one repository in the same turn of the event loop travels as one BatchGetImage:
 * the two tags and the digest that a promotion wants to know of an image cost one request and one round trip.
 */
export function imageReader(ecr: EcrConnection): ReadImage {
  const queues = new Map<string, Waiting[]>();
  const flush = (repository: string): void => {
    const waiting = queues.get(repository) ?? [];
    queues.delete(repository);
    for (let first = 0; first < waiting.length; first += idsPerCall)
      void readTogether(ecr, repository, waiting.slice(first, first + idsPerCall));
  };
  return (repository, reference) => {
    const sought = isDigest(reference) ? { digest: reference } : { tag: requireTag(reference) };
    return new Promise((resolve, reject) => {
      const queue = queues.get(repository) ?? [];
      queue.push({ sought, resolve, reject });
      queues.set(repository, queue);
      if (queue.length === 1) queueMicrotask(() => flush(repository));
    });
  };
}

/** Gives each who waits an answer or the failure of the call. Never rejects. */
async function readTogether(ecr: EcrConnection, repository: string, waiting: readonly Waiting[]): Promise<void> {
  try {
    const wanted = new Map(waiting.map(({ sought }) => [nameOf(repository, sought), sought]));
    const reply = await ask(ecr, repository, [...wanted.values()]);
    for (const { sought, resolve } of waiting)
      resolve(answered(ecr, { repository, sought, reply, alone: wanted.size === 1 }));
  } catch (error) {
    for (const { reject } of waiting) reject(error);
  }
}

function ask(
  ecr: EcrConnection,
  repository: string,
  wanted: readonly ImageSelector[],
): Promise<BatchGetImageCommandOutput> {
  const imageIds = wanted.map((one) => ("tag" in one ? { imageTag: one.tag } : { imageDigest: one.digest }));
  return ecr.call<BatchGetImageCommandOutput>({
    doing: `looking up ${wanted.map((one) => nameOf(repository, one)).join(", ")}`,
    repository,
    send: (client, sdk, options) => {
      const input = { registryId: ecr.registryId, repositoryName: repository, imageIds, acceptedMediaTypes };
      return client.send(new sdk.BatchGetImageCommand(input), options);
    },
  });
}

interface Answered {
  readonly repository: string;
  readonly sought: ImageSelector;
  readonly reply: BatchGetImageCommandOutput;
  /** It was the only one in the call, so the answer is for it, however it is labelled. */
  readonly alone: boolean;
}

/**
 * The call succeeds whatever it found: an answer for the very image that was asked for is what counts. The bytes are checked
 * against the digest; where ECR translated them, they are read again by digest, which it never translates.
 */
async function answered(
  ecr: EcrConnection,
  { repository, sought, reply, alone }: Answered,
): Promise<StoredManifest | undefined> {
  const name = nameOf(repository, sought);
  const image = reply.images?.find((one) => isAnswer(one.imageId, sought)) ?? (alone ? reply.images?.[0] : undefined);
  if (image === undefined) {
    const failure =
      reply.failures?.find(({ imageId }) => isAnswer(imageId, sought)) ?? (alone ? reply.failures?.[0] : undefined);
    // Whether ECR answers twice for an image that a call names twice is written nowhere: then it is asked again by itself.
    if (failure === undefined && !alone) return readAlone(ecr, repository, sought);
    requireMissing(failure, name);
    return undefined;
  }
  const stored = asStored(image);
  if (stored !== undefined) return stored;
  const digest = image.imageId?.imageDigest;
  if ("tag" in sought && digest !== undefined && isDigest(digest)) return readAlone(ecr, repository, { digest });
  throw new ThreadsError("DIGEST_MISMATCH", {
    message: `the bytes that ECR gave for ${name} are not those of its digest`,
    advice: ["try again; if it stays so, the registry or a proxy before it alters manifests"],
  });
}

async function readAlone(
  ecr: EcrConnection,
  repository: string,
  sought: ImageSelector,
): Promise<StoredManifest | undefined> {
  return answered(ecr, { repository, sought, reply: await ask(ecr, repository, [sought]), alone: true });
}

function isAnswer(id: ImageIdentifier | undefined, sought: ImageSelector): boolean {
  return "tag" in sought ? id?.imageTag === sought.tag : id?.imageDigest === sought.digest;
}

function nameOf(repository: string, sought: ImageSelector): string {
  return "tag" in sought ? `${repository}:${sought.tag}` : `${repository}@${sought.digest}`;
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

/** @throws ThreadsError for anything but a plain "not there". */
function requireMissing(failure: ImageFailure | undefined, name: string): void {
  const refused = (code: SettledCode, message: string, way: Partial<Next>): ThreadsError =>
    new ThreadsError(code, { message, ...way });
  switch (failure?.failureCode) {
    case "ImageNotFound":
      return;
    case "ImageInaccessible":
      throw refused("IMAGE_ARCHIVED", `${name} is archived or blocked: ${failure.failureReason ?? ""}`, {
        advice: ["restore it from the archive (up to 20 minutes), then run this again"],
      });
    case "KmsError":
      throw refused("KMS_KEY", `the key that encrypts ${name} cannot be used: ${failure.failureReason ?? ""}`, {
        next: ["aws ecr describe-repositories"],
      });
    default:
      throw refused("AWS_FAILURE", `ECR answered ${failure?.failureCode ?? "nothing"} for ${name}`, {
        advice: ["try again in a minute"],
      });
  }
}
