import { createHash, type Hash, randomUUID } from "node:crypto";
import { isDigest } from "../../../image/digest.ts";
import { DetailedServiceError, type Operation, ServiceError } from "../protocol.ts";
import { blobSize } from "./layers.ts";
import { type EcrParts, findRepository, invalidParameter, read } from "./parts.ts";

/** The part size that ECR announces, the most that a part may hold, and the least that any but the last must hold (API reference; botocore's model). */
const partSize = 10 * 1024 * 1024;
const largestPart = 20 * 1024 * 1024;
const smallestPart = 5 * 1024 * 1024;

interface Upload {
  readonly repository: string;
  readonly hash: Hash;
  /** Where the registry takes the next part. */
  location: string;
  received: number;
  /** A part below the least size has come: it must have been the last. */
  short: boolean;
}

type Uploads = Map<string, Upload>;
type Input = Readonly<Record<string, unknown>>;

/** The three calls by which a blob comes in without `docker push`. Uploads under way do not survive a restart. */
export function layerUpload(parts: EcrParts): Readonly<Record<string, Operation>> {
  const uploads: Uploads = new Map();
  return {
    InitiateLayerUpload: initiate(parts, uploads),
    UploadLayerPart: uploadPart(parts, uploads),
    CompleteLayerUpload: complete(parts, uploads),
  };
}

function initiate(parts: EcrParts, uploads: Uploads): Operation {
  return async (input) => {
    const { name } = findRepository(parts, input);
    const { status, headers } = await parts.upstream.send({ method: "POST", path: `/v2/${name}/blobs/uploads/` });
    if (status !== 202 || headers.location === undefined) throw registryFailure(status);
    const uploadId = randomUUID();
    const { location } = headers;
    uploads.set(uploadId, { repository: name, hash: createHash("sha256"), location, received: 0, short: false });
    return { uploadId, partSize };
  };
}

function uploadPart(parts: EcrParts, uploads: Uploads): Operation {
  return (input) => {
    const uploadId = read.string(input, "uploadId");
    return parts.serial(`upload ${uploadId}`, async () => {
      const upload = findUpload(parts, uploads, input);
      const bytes = readPart(parts, upload, input);
      const headers = { "content-type": "application/octet-stream" };
      const answer = await parts.upstream.send({ method: "PATCH", path: upload.location, headers, body: bytes });
      if (answer.status !== 202 || answer.headers.location === undefined) throw registryFailure(answer.status);
      upload.location = answer.headers.location;
      upload.hash.update(bytes);
      upload.received += bytes.length;
      upload.short = bytes.length < smallestPart;
      return {
        registryId: parts.account,
        repositoryName: upload.repository,
        uploadId,
        lastByteReceived: upload.received - 1,
      };
    });
  };
}

/** The bytes of a part that follows on what has come so far. @throws InvalidLayerPartException for a gap, an overlap or a wrong count. */
function readPart(parts: EcrParts, upload: Upload, input: Input): Buffer {
  const first = read.number(input, "partFirstByte", { min: 0 });
  const last = read.number(input, "partLastByte", { min: 0 });
  const bytes = Buffer.from(read.string(input, "layerPartBlob"), "base64");
  if (bytes.length > largestPart)
    throw invalidParameter("layerPartBlob", `must have length less than or equal to ${largestPart}`);
  if (upload.short)
    throw new ServiceError("LayerPartTooSmallException", `Layer parts must be at least ${smallestPart} bytes in size`);
  if (bytes.length === 0 || first !== upload.received || last - first + 1 !== bytes.length)
    throw new DetailedServiceError(
      "InvalidLayerPartException",
      "The layer part size is not valid, or the first byte specified is not consecutive to the last byte of a previous layer part upload.",
      {
        registryId: parts.account,
        repositoryName: upload.repository,
        uploadId: input["uploadId"],
        lastValidByteReceived: upload.received - 1,
      },
    );
  return bytes;
}

function complete(parts: EcrParts, uploads: Uploads): Operation {
  return (input) => {
    const uploadId = read.string(input, "uploadId");
    return parts.serial(`upload ${uploadId}`, async () => {
      const upload = findUpload(parts, uploads, input);
      const [layerDigest = ""] = read.strings(input, "layerDigests", { min: 1, max: 100 });
      if (!isDigest(layerDigest))
        throw invalidParameter("layerDigests", "must satisfy regular expression 'sha256:[a-f0-9]{64}'");
      const { repository: name, received, hash, location } = upload;
      const where = `in the repository with name '${name}' in registry with id '${parts.account}'`;
      if (received === 0)
        throw new ServiceError("EmptyUploadException", `The upload with id '${uploadId}' ${where} has no layer parts`);
      if ((await blobSize(parts, name, layerDigest)) !== undefined)
        throw new ServiceError(
          "LayerAlreadyExistsException",
          `The layer with digest '${layerDigest}' already exists ${where}`,
        );
      const computed = `sha256:${hash.copy().digest("hex")}`;
      if (computed !== layerDigest)
        throw new ServiceError(
          "InvalidLayerException",
          `Layer digest mismatch: expected '${layerDigest}', computed '${computed}'`,
        );
      const target = `${location}${location.includes("?") ? "&" : "?"}digest=${encodeURIComponent(layerDigest)}`;
      const { status } = await parts.upstream.send({ method: "PUT", path: target });
      if (status !== 201) throw registryFailure(status);
      uploads.delete(uploadId);
      return { registryId: parts.account, repositoryName: name, uploadId, layerDigest };
    });
  };
}

function findUpload(parts: EcrParts, uploads: Uploads, input: Input): Upload {
  const { name } = findRepository(parts, input);
  const uploadId = read.string(input, "uploadId");
  const upload = uploads.get(uploadId);
  if (upload === undefined || upload.repository !== name)
    throw new ServiceError(
      "UploadNotFoundException",
      `Upload with id '${uploadId}' does not exist for the repository with name '${name}' in registry with id '${parts.account}'`,
    );
  return upload;
}

function registryFailure(status: number): ServiceError {
  return new ServiceError("ServerException", `The registry answered ${status}`, 500);
}
