import { createHash, randomBytes } from "node:crypto";
import {
  CompleteLayerUploadCommand,
  CreateRepositoryCommand,
  type CreateRepositoryCommandInput,
  type ECRClient,
  InitiateLayerUploadCommand,
  PutImageCommand,
  type PutImageCommandInput,
  UploadLayerPartCommand,
} from "@aws-sdk/client-ecr";
import type { OpenSandbox } from "../open-sandbox.ts";

export const types = {
  docker: "application/vnd.docker.distribution.manifest.v2+json",
  dockerList: "application/vnd.docker.distribution.manifest.list.v2+json",
  oci: "application/vnd.oci.image.manifest.v1+json",
  ociIndex: "application/vnd.oci.image.index.v1+json",
};

export function sha256(data: string | Uint8Array): string {
  return `sha256:${createHash("sha256").update(data).digest("hex")}`;
}

let count = 0;

/** A repository that no other test has. */
export async function freshRepository(
  ecr: ECRClient,
  settings: Partial<CreateRepositoryCommandInput> = {},
): Promise<string> {
  count += 1;
  const repositoryName = `test-${process.pid}/${count}`;
  await ecr.send(new CreateRepositoryCommand({ repositoryName, ...settings }));
  return repositoryName;
}

/** Uploads the bytes through the three calls of the ECR API. */
export async function uploadLayer(ecr: ECRClient, repositoryName: string, bytes: Buffer): Promise<string> {
  const { uploadId } = await ecr.send(new InitiateLayerUploadCommand({ repositoryName }));
  const partLastByte = bytes.length - 1;
  await ecr.send(
    new UploadLayerPartCommand({ repositoryName, uploadId, partFirstByte: 0, partLastByte, layerPartBlob: bytes }),
  );
  const { layerDigest } = await ecr.send(
    new CompleteLayerUploadCommand({ repositoryName, uploadId, layerDigests: [sha256(bytes)] }),
  );
  return layerDigest ?? "";
}

export interface Built {
  readonly body: string;
  readonly digest: string;
  readonly layer: string;
  readonly layerBytes: number;
}

/** A new image of one random layer, its blobs uploaded, its manifest not yet put. */
export async function buildImage(
  ecr: ECRClient,
  repository: string,
  mediaType: string | undefined = types.docker,
): Promise<Built> {
  const bytes = randomBytes(64);
  const layer = await uploadLayer(ecr, repository, bytes);
  const config = Buffer.from(JSON.stringify({ config: { Labels: { at: layer } } }));
  const configDigest = await uploadLayer(ecr, repository, config);
  const isOci = mediaType !== types.docker;
  const body = JSON.stringify({
    schemaVersion: 2,
    ...(mediaType === undefined ? {} : { mediaType }),
    config: {
      mediaType: isOci ? "application/vnd.oci.image.config.v1+json" : "application/vnd.docker.container.image.v1+json",
      digest: configDigest,
      size: config.length,
    },
    layers: [
      {
        mediaType: isOci
          ? "application/vnd.oci.image.layer.v1.tar+gzip"
          : "application/vnd.docker.image.rootfs.diff.tar.gzip",
        digest: layer,
        size: bytes.length,
      },
    ],
  });
  return { body, digest: sha256(body), layer, layerBytes: bytes.length };
}

export function indexOf(children: readonly Built[]): string {
  const manifests = children.map(({ digest, body }) => ({ mediaType: types.oci, digest, size: body.length }));
  return JSON.stringify({ schemaVersion: 2, mediaType: types.ociIndex, manifests });
}

export function put(ecr: ECRClient, input: PutImageCommandInput): Promise<unknown> {
  return ecr.send(new PutImageCommand(input));
}

/** Builds and puts an image under each of the tags. */
export async function putImage(ecr: ECRClient, repositoryName: string, tags: readonly string[]): Promise<Built> {
  const image = await buildImage(ecr, repositoryName);
  for (const imageTag of tags) await put(ecr, { repositoryName, imageManifest: image.body, imageTag });
  return image;
}

/** The name of the exception that a call ends with. */
export async function nameOfError(call: Promise<unknown>): Promise<string> {
  return call.then(
    () => "no error",
    (error: unknown) => (error as Error).name,
  );
}

/** How a suite gets at the sandbox that its file opened. */
export type Subject = () => OpenSandbox;

/** Runs with the server's clock put forward, and the client's, or its signatures would be refused. */
export async function later<T>({ clock, ecr }: OpenSandbox, milliseconds: number, run: () => Promise<T>): Promise<T> {
  const before = clock.offset;
  clock.offset += milliseconds;
  // The SDK sets it back after each reply, by the Date header, which is not of the server's making.
  const systemClockOffset = { get: () => clock.offset, set: () => undefined, configurable: true, enumerable: true };
  Object.defineProperty(ecr.config, "systemClockOffset", systemClockOffset);
  try {
    return await run();
  } finally {
    clock.offset = before;
    Object.defineProperty(ecr.config, "systemClockOffset", { value: before, writable: true, configurable: true });
  }
}
