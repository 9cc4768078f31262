import type { InvalidLayerPartException } from "@aws-sdk/client-ecr";
import { awsFailure } from "../aws/failure.ts";
import { ThreadsError } from "../errors/threads-error.ts";
import { type Digest, digestOf } from "../image/digest.ts";
import type { EcrConnection } from "./ecr-call.ts";

/** ECR's largest part (UploadLayerPart, API reference); Initiate may ask for smaller ones. */
const largestPart = 20_971_520;
const downloadTimeoutMs = 30_000;

/**
 * Uploads a blob through ECR's own API, which needs no docker. Present already, or put there meanwhile by another, is success:
 * ECR says so at the end. It is not asked before, because a new release's blobs are never there and the question costs a round trip.
 */
export async function uploadBlob(ecr: EcrConnection, repository: string, bytes: Uint8Array): Promise<Digest> {
  const digest = digestOf(bytes);
  const target = { registryId: ecr.registryId, repositoryName: repository };
  const doing = `uploading ${digest} to ${repository}`;
  const { uploadId, partSize = largestPart } = await ecr.call({
    doing,
    repository,
    send: (client, sdk, options) => client.send(new sdk.InitiateLayerUploadCommand(target), options),
  });
  for (let first = 0; first < bytes.length; first += partSize) {
    const part = bytes.subarray(first, first + partSize);
    const range = { partFirstByte: first, partLastByte: first + part.length - 1, layerPartBlob: part };
    await ecr.call<unknown>({
      doing,
      repository,
      send: (client, sdk, options) =>
        client.send(new sdk.UploadLayerPartCommand({ ...target, uploadId, ...range }), options),
      // After a lost reply the same part comes twice, and ECR says that it already has more than that.
      answers: { InvalidLayerPartException: (error) => requireReceived(error, range.partLastByte) },
    });
  }
  const completed = await ecr.call<boolean>({
    doing,
    repository,
    send: async (client, sdk, options) => {
      await client.send(new sdk.CompleteLayerUploadCommand({ ...target, uploadId, layerDigests: [digest] }), options);
      return true;
    },
    // A retry after a lost reply no longer finds the upload: what counts is whether the blob is there.
    answers: { LayerAlreadyExistsException: () => true, UploadNotFoundException: () => false },
  });
  if (completed || (await isThere(ecr, repository, digest))) return digest;
  throw new ThreadsError("refused", {
    code: "UPLOAD_LOST",
    message: `ECR lost the upload of ${digest} to ${repository}`,
    next: ["run the same command again: it goes on where this one stopped"],
  });
}

/** @throws the error itself unless it says that the part was the last that came. */
function requireReceived(error: Error, lastByte: number): void {
  if ((error as InvalidLayerPartException).lastValidByteReceived !== lastByte)
    throw awsFailure(error, "uploading a part");
}

async function isThere(ecr: EcrConnection, repository: string, digest: Digest): Promise<boolean> {
  const input = { registryId: ecr.registryId, repositoryName: repository, layerDigests: [digest] };
  const { layers } = await ecr.call({
    doing: `looking for ${digest} in ${repository}`,
    repository,
    send: (client, sdk, options) => client.send(new sdk.BatchCheckLayerAvailabilityCommand(input), options),
  });
  return layers?.[0]?.layerAvailability === "AVAILABLE";
}

/** Reads a blob, whose bytes are checked against its digest. */
export async function downloadBlob(
  ecr: EcrConnection,
  repository: string,
  digest: Digest,
  signal?: AbortSignal,
): Promise<Uint8Array> {
  const input = { registryId: ecr.registryId, repositoryName: repository, layerDigest: digest };
  const failed = (why: string): ThreadsError =>
    new ThreadsError("refused", {
      code: "BLOB_UNAVAILABLE",
      message: `${digest} of ${repository} cannot be read: ${why}`,
      next: ["try again in a minute"],
    });
  const { downloadUrl } = await ecr.call<{ downloadUrl?: string | undefined }>({
    doing: `reading ${digest} of ${repository}`,
    repository,
    send: (client, sdk, options) => client.send(new sdk.GetDownloadUrlForLayerCommand(input), options),
    answers: {
      LayersNotFoundException: () => ({}),
      LayerInaccessibleException: (error) => {
        throw failed(error.message);
      },
    },
  });
  if (downloadUrl === undefined) throw failed("it is not there");
  const timeout = AbortSignal.timeout(downloadTimeoutMs);
  const either = signal === undefined ? timeout : AbortSignal.any([timeout, signal]);
  const reply = await fetch(downloadUrl, { signal: either }).catch((error: unknown) => {
    signal?.throwIfAborted();
    throw failed(String(error));
  });
  if (!reply.ok) throw failed(`HTTP ${String(reply.status)}`);
  const bytes = new Uint8Array(await reply.arrayBuffer());
  if (digestOf(bytes) !== digest) throw failed("its bytes are not those of its digest");
  return bytes;
}
