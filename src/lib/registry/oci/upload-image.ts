import type { Clock } from "../../clock/clock.ts";
import { layersDone } from "../../docker/push-output.ts";
import type { Digest } from "../../image/digest.ts";
import { settle } from "../../progress/progress.ts";
import { uploadLost } from "../ecr/upload.ts";
import type { ImageContents } from "./layout.ts";
import { untilVisible } from "../read-back.ts";
import type { Registry } from "../registry.ts";

interface UploadTarget {
  readonly repository: string;
  readonly tag: string;
  /** "3/5 layers, 1.2 of 8.0 MB", as it goes on. */
  readonly onProgress?: (text: string) => void;
}

/**
 * Uploads an image, or an index with all that it lists, and gives it its tag last. The children of an index get none: docker 26
 * would push each to the index's own tag, of which an immutable repository takes the first for ever (docker/buildx #663).
 * What the repository has already is not sent again, so that an interrupted upload goes on where it stopped.
 * @throws ThreadsError TAG_CONFLICT before anything is tagged, UPLOAD_LOST, BLOB_BROKEN
 */
export async function uploadImage(
  ports: { readonly registry: Registry; readonly clock: Clock; readonly signal?: AbortSignal | undefined },
  { children, root, blobs }: ImageContents,
  target: UploadTarget,
): Promise<"created" | "present"> {
  const { registry, signal } = ports;
  const { repository, tag } = target;
  await uploadBlobs(registry, blobs, target);
  for (const child of children) {
    signal?.throwIfAborted();
    await registry.store(repository, child);
  }
  await requireThere(
    ports,
    repository,
    children.map(({ digest }) => digest),
  );
  // The tag is looked for once more: the upload took its time, and a mutable repository would let it be moved.
  return registry.tag(repository, root, tag);
}

async function uploadBlobs(registry: Registry, blobs: ImageContents["blobs"], target: UploadTarget): Promise<void> {
  const { repository, onProgress = () => undefined } = target;
  const lacking = await registry.lacking(
    repository,
    blobs.map(({ digest }) => digest),
  );
  const missing = blobs.filter(({ digest }) => lacking.has(digest));
  const layers = {
    all: blobs.filter(({ isLayer }) => isLayer).length,
    left: missing.filter((one) => one.isLayer).length,
  };
  const bytes = { all: missing.reduce((sum, { size }) => sum + size, 0), sent: 0 };
  const tell = (): void =>
    onProgress(`${layersDone(layers.all - layers.left, layers.all)}${bytes.all === 0 ? "" : `, ${megabytes(bytes)}`}`);
  tell();
  const uploads = missing.map((blob) => async (): Promise<void> => {
    await registry.upload(repository, blob, (sent) => {
      bytes.sent += sent;
      tell();
    });
    if (blob.isLayer) layers.left -= 1;
    tell();
  });
  // A failure is told when all have ended: whoever clears up then takes no file from under another.
  await settle(uploads, true);
}

function megabytes({ sent, all }: { readonly sent: number; readonly all: number }): string {
  const text = (bytes: number): string => (bytes / 1e6).toFixed(1);
  return `${text(sent)} of ${text(all)} MB`;
}

/** An index whose children ECR does not find yet would be refused. */
async function requireThere(
  ports: Parameters<typeof uploadImage>[0],
  repository: string,
  children: readonly Digest[],
): Promise<void> {
  let unseen = children;
  const all = async (): Promise<true | undefined> => {
    const found = await ports.registry.findMany(repository, unseen);
    unseen = unseen.filter((digest) => !found.has(digest));
    return unseen.length === 0 ? true : undefined;
  };
  const [lost] = (await untilVisible(ports, all)) === true ? [] : unseen;
  if (lost !== undefined) throw uploadLost(lost, repository);
}
