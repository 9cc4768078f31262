import { createHash } from "node:crypto";
import type { InvalidLayerPartException } from "@aws-sdk/client-ecr";
import { awsFailure } from "../../aws/failure.ts";
import type { Clock } from "../../clock/clock.ts";
import { ThreadsError } from "../../errors/threads-error.ts";
import { type Digest, digestOf } from "../../image/digest.ts";
import { atMost } from "../../aws/at-most.ts";
import type { EcrConnection } from "./call.ts";
import { pace } from "./requests-per-second.ts";
import type { BlobSource, Registry } from "../registry.ts";
import { count } from "../../text/words.ts";

/** ECR's largest part (UploadLayerPart, API reference); Initiate may ask for smaller ones. */
const largestPart = 20_971_520;
/** ECR's limit (BatchCheckLayerAvailability, API reference). */
const digestsPerCall = 100;
/** Uploads that an account may begin in a second and region by default (ECR service quotas). */
const beginningsPerSecond = 100;
/** Each holds a part in memory, three times while the SDK writes it out as base64. */
const uploadsAtOnce = 4;

/**
 * Uploads blobs through ECR's own API, which needs no docker. Present already, or put there meanwhile by another, is success:
 * ECR says so at the end. It is not asked before, because a new release's blobs are never there and the question costs a round trip.
 */
export function blobUploader(
  ecr: EcrConnection,
  ports: { readonly clock: Clock; readonly signal?: AbortSignal | undefined },
): Registry["upload"] {
  const place = atMost(uploadsAtOnce);
  const turn = pace({ ...ports, perSecond: beginningsPerSecond });
  return (repository, given, onSent = () => undefined) => {
    const blob = given instanceof Uint8Array ? inMemory(given) : given;
    return place(async () => {
      ports.signal?.throwIfAborted();
      await turn();
      await upload(ecr, { repository, blob, onSent });
      return blob.digest;
    });
  };
}

function inMemory(bytes: Uint8Array): BlobSource {
  const read: BlobSource["read"] = (first, length) => Promise.resolve(bytes.subarray(first, first + length));
  return { digest: digestOf(bytes), size: bytes.length, read };
}

interface Upload {
  readonly repository: string;
  readonly blob: BlobSource;
  readonly onSent: (bytes: number) => void;
}

async function upload(ecr: EcrConnection, order: Upload): Promise<void> {
  const { repository, blob } = order;
  const target = { registryId: ecr.registryId, repositoryName: repository };
  const doing = `uploading ${blob.digest} to ${repository}`;
  const { uploadId = "", partSize = largestPart } = await ecr.call({
    doing,
    repository,
    send: (client, sdk, options) => client.send(new sdk.InitiateLayerUploadCommand(target), options),
  });
  await sendParts(ecr, order, { uploadId, partSize });
  const layerDigests = [blob.digest];
  const completed = await ecr.call<boolean>({
    doing,
    repository,
    send: async (client, sdk, options) => {
      await client.send(new sdk.CompleteLayerUploadCommand({ ...target, uploadId, layerDigests }), options);
      return true;
    },
    // A retry after a lost reply no longer finds the upload: what counts is whether the blob is there.
    answers: { LayerAlreadyExistsException: () => true, UploadNotFoundException: () => false },
  });
  if (completed || (await lackingBlobs(ecr, repository, layerDigests)).size === 0) return;
  throw uploadLost(blob.digest, repository);
}

/** Parts in sequence, as ECR wants them. @throws ThreadsError BLOB_BROKEN */
async function sendParts(
  ecr: EcrConnection,
  { repository, blob, onSent }: Upload,
  { uploadId, partSize }: { readonly uploadId: string; readonly partSize: number },
): Promise<void> {
  const hash = createHash("sha256");
  for (let first = 0; first < blob.size;) {
    const part = await blob.read(first, Math.min(partSize, blob.size - first));
    if (part.length === 0) break;
    hash.update(part);
    const range = { partFirstByte: first, partLastByte: first + part.length - 1, layerPartBlob: part };
    const input = { registryId: ecr.registryId, repositoryName: repository, uploadId, ...range };
    await ecr.call<unknown>({
      doing: `uploading ${blob.digest} to ${repository}`,
      repository,
      send: (client, sdk, options) => client.send(new sdk.UploadLayerPartCommand(input), options),
      // After a lost reply the same part comes twice, and ECR says that it already has more than that.
      answers: { InvalidLayerPartException: (error) => requireReceived(error, range.partLastByte) },
    });
    onSent(part.length);
    first += part.length;
  }
  if (`sha256:${hash.digest("hex")}` !== blob.digest) throw broken(blob.digest);
}

/** @throws the error itself unless it says that the part was the last that came. */
function requireReceived(error: Error, lastByte: number): void {
  if ((error as InvalidLayerPartException).lastValidByteReceived !== lastByte)
    throw awsFailure(error, "uploading a part");
}

/** Registry.lacking's contract, a hundred at a time. */
export async function lackingBlobs(
  ecr: EcrConnection,
  repository: string,
  digests: readonly Digest[],
): Promise<ReadonlySet<Digest>> {
  const lacking = new Set(digests);
  for (let first = 0; first < digests.length; first += digestsPerCall) {
    const layerDigests = digests.slice(first, first + digestsPerCall);
    const { layers = [] } = await ecr.call({
      doing: `looking for ${count(layerDigests.length, "layer")} in ${repository}`,
      repository,
      send: (client, sdk, options) => {
        const input = { registryId: ecr.registryId, repositoryName: repository, layerDigests };
        return client.send(new sdk.BatchCheckLayerAvailabilityCommand(input), options);
      },
    });
    for (const { layerDigest, layerAvailability = "UNAVAILABLE" } of layers)
      if (layerAvailability !== "UNAVAILABLE") lacking.delete(layerDigest as Digest);
  }
  return lacking;
}

/** What was sent, and of which ECR then says that it never came. */
export function uploadLost(digest: Digest, repository: string, cause?: Error): ThreadsError {
  return new ThreadsError("UPLOAD_LOST", {
    message: `ECR lost the upload of ${digest} to ${repository}`,
    advice: ["run the same command again: it goes on where this one stopped"],
    ...(cause === undefined ? {} : { cause, details: [cause.message] }),
  });
}

function broken(digest: Digest): ThreadsError {
  return new ThreadsError("BLOB_BROKEN", {
    message: `the bytes that were to be uploaded as ${digest} are not those of that digest`,
    next: ["df -h", "threads smoke && threads publish"],
    advice: ["a full disk cuts files short"],
  });
}
