import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { type Digest, isDigest } from "../../image/digest.ts";
import { settle } from "../../progress/progress.ts";
import type { ImagePin } from "../../release/release.ts";
import { imageGone } from "../image-gone.ts";
import type { Registry, StoredManifest } from "../registry.ts";

/** A blob where it lies. */
export interface RemoteBlob {
  readonly repository: string;
  readonly digest: Digest;
  /** In bytes. */
  readonly size: number;
}

/**
 * Brings a blob into a file, checked against its digest. @throws ThreadsError DOWNLOAD_FAILED
 * @param onReceived told of bytes as they come, and with a negative number of those that were for nothing
 */
export type FetchBlob = (blob: RemoteBlob, file: string, onReceived: (bytes: number) => void) => Promise<void>;

interface Described {
  readonly digest: string;
  readonly size: number;
}

interface Manifest {
  readonly manifests?: readonly Described[];
  readonly config?: Described;
  readonly layers?: readonly Described[];
}

interface FetchPorts {
  readonly registry: Pick<Registry, "read">;
  readonly fetchBlob: FetchBlob;
  /** `1.2 of 80.4 MB`, as it goes on. */
  readonly onProgress?: (text: string) => void;
}

/**
 * Fetches images as they are, or indexes with all that they list, into an OCI image layout: the bytes that `readImage` reads.
 * What several of them have is fetched once. @param folder gets the layout's `blobs`. @throws ThreadsError IMAGE_GONE, DOWNLOAD_FAILED
 */
export async function fetchImages(folder: string, pins: readonly ImagePin[], ports: FetchPorts): Promise<void> {
  const { registry, fetchBlob, onProgress = () => undefined } = ports;
  const manifests = new Map<Digest, StoredManifest>();
  const blobs = new Map<Digest, RemoteBlob>();
  for (const pin of pins) await visit(pin, { registry, manifests, blobs });
  const place = join(folder, "blobs", "sha256");
  await mkdir(place, { recursive: true, mode: 0o700 });
  const fileOf = (digest: Digest): string => join(place, digest.slice("sha256:".length));
  for (const { digest, body } of manifests.values()) await writeFile(fileOf(digest), body, { mode: 0o600 });
  const all = [...blobs.values()].reduce((sum, { size }) => sum + size, 0);
  let received = 0;
  const onReceived = (bytes: number): void => {
    received += bytes;
    onProgress(`${megabytes(received)} of ${megabytes(all)} MB`);
  };
  // All settle before a failure is told: whoever clears up takes no file from under another.
  const fetches = [...blobs.values()].map((blob) => () => fetchBlob(blob, fileOf(blob.digest), onReceived));
  await settle(fetches, true);
}

interface Walk {
  readonly registry: Pick<Registry, "read">;
  readonly manifests: Map<Digest, StoredManifest>;
  readonly blobs: Map<Digest, RemoteBlob>;
}

async function visit({ repository, digest }: ImagePin, walk: Walk): Promise<void> {
  if (walk.manifests.has(digest)) return;
  const manifest = await walk.registry.read(repository, digest);
  if (manifest === undefined) throw imageGone(repository, digest);
  walk.manifests.set(digest, manifest);
  const { manifests = [], config, layers = [] } = JSON.parse(manifest.body) as Manifest;
  for (const child of manifests) if (isDigest(child.digest)) await visit({ repository, digest: child.digest }, walk);
  for (const { digest: one, size } of [...(config === undefined ? [] : [config]), ...layers])
    if (isDigest(one)) walk.blobs.set(one, { repository, digest: one, size });
}

function megabytes(bytes: number): string {
  return (bytes / 1e6).toFixed(1);
}
