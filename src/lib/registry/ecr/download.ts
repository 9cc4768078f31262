import { ThreadsError } from "../../errors/threads-error.ts";
import { type Digest, digestOf } from "../../image/digest.ts";
import type { EcrConnection } from "./call.ts";

const downloadTimeoutMs = 30_000;

/** Reads a blob, whose bytes are checked against its digest. */
export async function downloadBlob(
  ecr: EcrConnection,
  repository: string,
  digest: Digest,
  signal?: AbortSignal,
): Promise<Uint8Array> {
  const input = { registryId: ecr.registryId, repositoryName: repository, layerDigest: digest };
  const failed = (why: string): ThreadsError =>
    new ThreadsError("BLOB_UNAVAILABLE", {
      message: `${digest} of ${repository} cannot be read: ${why}`,
      advice: ["try again in a minute"],
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
