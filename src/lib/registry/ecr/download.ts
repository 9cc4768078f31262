import type { Clock } from "../../clock/clock.ts";
import { ThreadsError } from "../../errors/threads-error.ts";
import { wordsOf } from "../../errors/words-of.ts";
import { type Digest, digestOf } from "../../image/digest.ts";
import type { EcrConnection } from "./call.ts";

/** Of one attempt, until the last byte. */
const timeoutMs = 30_000;
const attempts = 3;
const pauseMs = 500;

/**
 * ECR hands out a blob by an address that is good for an hour and needs no credentials (GetDownloadUrlForLayer).
 * @throws ThreadsError DOWNLOAD_FAILED
 */
export async function download(
  ecr: EcrConnection,
  [repository, digest, mostBytes]: readonly [repository: string, digest: Digest, mostBytes: number],
  { clock, signal }: { readonly clock: Clock; readonly signal?: AbortSignal | undefined },
): Promise<Uint8Array> {
  const downloadUrl = await addressOf(ecr, { repository, digest });
  for (let attempt = 1; ; attempt += 1) {
    try {
      return await fetched(downloadUrl, { digest, mostBytes, signal });
    } catch (error) {
      signal?.throwIfAborted();
      if (attempt === attempts) throw downloadFailed({ repository, digest }, error);
      await clock.sleep(pauseMs * attempt, signal);
    }
  }
}

interface Lying {
  readonly repository: string;
  readonly digest: Digest;
}

/** Where a blob can be fetched for an hour. */
export async function addressOf(ecr: EcrConnection, { repository, digest }: Lying): Promise<string> {
  const input = { registryId: ecr.registryId, repositoryName: repository, layerDigest: digest };
  const { downloadUrl = "" } = await ecr.call({
    doing: `asking for the address of ${digest} in ${repository}`,
    repository,
    send: (client, sdk, options) => client.send(new sdk.GetDownloadUrlForLayerCommand(input), options),
  });
  return downloadUrl;
}

async function fetched(
  url: string,
  want: { readonly digest: Digest; readonly mostBytes: number; readonly signal: AbortSignal | undefined },
): Promise<Uint8Array> {
  const { digest, mostBytes, signal } = want;
  const either = AbortSignal.any([AbortSignal.timeout(timeoutMs), ...(signal === undefined ? [] : [signal])]);
  const reply = await fetch(url, { signal: either });
  if (!reply.ok) throw new Error(`answered ${reply.status}`);
  const chunks: Uint8Array[] = [];
  let bytes = 0;
  for await (const chunk of reply.body ?? []) {
    bytes += chunk.length;
    if (bytes > mostBytes) throw new Error(`has more than ${mostBytes} bytes`);
    chunks.push(chunk);
  }
  const whole = Buffer.concat(chunks);
  if (digestOf(whole) !== digest) throw new Error("the bytes are not those of the digest");
  return whole;
}

export function downloadFailed({ repository, digest }: Lying, cause: unknown): ThreadsError {
  return new ThreadsError("DOWNLOAD_FAILED", {
    message: `${digest} of ${repository} cannot be downloaded: ${wordsOf(cause)}`,
    advice: ["try again in a minute"],
    cause,
  });
}
