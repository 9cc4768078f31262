import { createHash } from "node:crypto";
import { createWriteStream } from "node:fs";
import { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import { atMost } from "../../aws/at-most.ts";
import type { AwsClients } from "../../aws/clients.ts";
import type { Clock } from "../../clock/clock.ts";
import type { EcrRepo } from "../../image/ecr-repo.ts";
import { ecrCalls } from "./call.ts";
import { addressOf, downloadFailed } from "./download.ts";
import type { FetchBlob, RemoteBlob } from "../oci/fetch-images.ts";

const attempts = 3;
const pauseMs = 500;
const atOnce = 4;
/** Whoever is slower than that has no connection worth the name. */
const leastBytesPerMs = 50;
const leastMs = 30_000;

/** Blobs of ECR into files, by the addresses that GetDownloadUrlForLayer gives: no docker, and no layer unpacked. */
export function ecrBlobs(ports: {
  readonly repo: EcrRepo;
  readonly aws: Pick<AwsClients, "ecr" | "contact">;
  readonly clock: Clock;
  readonly signal: AbortSignal;
}): FetchBlob {
  const { repo, clock, signal } = ports;
  const ecr = { call: ecrCalls({ ...ports, explanation: repo.explanation }), registryId: repo.account };
  const place = atMost(atOnce);
  return (blob, file, onReceived) =>
    place(async () => {
      for (let attempt = 1; ; attempt += 1) {
        let received = 0;
        const count = (bytes: number): void => {
          received += bytes;
          onReceived(bytes);
        };
        // It is good for an hour: each attempt has its own.
        const url = await addressOf(ecr, blob);
        try {
          return await intoFile(url, { blob, file, count, signal });
        } catch (error) {
          signal.throwIfAborted();
          onReceived(-received);
          if (attempt === attempts) throw downloadFailed(blob, error);
          await clock.sleep(pauseMs * attempt, signal);
        }
      }
    });
}

interface Into {
  readonly blob: RemoteBlob;
  readonly file: string;
  readonly count: (bytes: number) => void;
  readonly signal: AbortSignal;
}

async function intoFile(url: string, { blob, file, count, signal }: Into): Promise<void> {
  const patience = AbortSignal.timeout(leastMs + Math.ceil(blob.size / leastBytesPerMs));
  const reply = await fetch(url, { signal: AbortSignal.any([signal, patience]) });
  if (!reply.ok || reply.body === null) throw new Error(`answered ${reply.status}`);
  const hash = createHash("sha256");
  let bytes = 0;
  await pipeline(
    Readable.fromWeb(reply.body),
    async function* watch(chunks: AsyncIterable<Uint8Array>) {
      for await (const chunk of chunks) {
        bytes += chunk.length;
        if (bytes > blob.size) throw new Error(`has more than ${blob.size} bytes`);
        hash.update(chunk);
        count(chunk.length);
        yield chunk;
      }
    },
    createWriteStream(file, { mode: 0o600 }),
  );
  if (`sha256:${hash.digest("hex")}` !== blob.digest) throw new Error("the bytes are not those of the digest");
}
