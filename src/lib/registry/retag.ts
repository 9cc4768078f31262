import type { Clock } from "../clock/clock.ts";
import type { Digest } from "../image/digest.ts";
import { imageGone } from "./image-gone.ts";
import { readBack } from "./read-back.ts";
import type { Registry } from "./registry.ts";

export interface Retag {
  /** Repository path without host. */
  readonly repository: string;
  /** What gets the tag: never named by another tag, which could move meanwhile. */
  readonly digest: Digest;
  /** The tag to give. */
  readonly tag: string;
  /** The tag was looked for a moment ago, and was not there. */
  readonly absent?: boolean;
}

/**
 * Gives an image one more tag: the very bytes that were read by digest go under the tag, and the tag is read back.
 * No layer moves and nothing is pulled. Present with the same digest is success; never undone, because deleting an
 * image's last tag deletes the image.
 * With the manifest in memory and `absent` known, these are two requests one after the other: the write, and the read that proves it.
 * @throws ThreadsError IMAGE_GONE, TAG_CONFLICT
 */
export async function retag(
  ports: { readonly registry: Registry; readonly clock: Clock; readonly signal?: AbortSignal | undefined },
  { repository, digest, tag, absent = false }: Retag,
): Promise<"created" | "present"> {
  const manifest = await ports.registry.read(repository, digest);
  if (manifest === undefined) throw imageGone(repository, digest);
  const outcome = await ports.registry.tag(repository, manifest, tag, { absent });
  // What was there already has been read just now.
  if (outcome === "created") await readBack(ports, { repository, tag, digest });
  return outcome;
}
