import type { Clock } from "../clock/clock.ts";
import { ThreadsError } from "../errors/threads-error.ts";
import { type Digest, shortDigest } from "../image/digest.ts";
import { readBack } from "./read-back.ts";
import type { Registry } from "./registry.ts";

export interface Retag {
  /** Repository path without host. */
  readonly repository: string;
  /** What gets the tag: never named by another tag, which could move meanwhile. */
  readonly digest: Digest;
  /** The tag to give. */
  readonly tag: string;
}

/**
 * Gives an image one more tag: reads its manifest by digest, puts the very same bytes under the tag, reads the tag back.
 * No layer moves and nothing is pulled. Present with the same digest is success; never undone, because deleting an
 * image's last tag deletes the image.
 * @throws ThreadsError IMAGE_GONE, TAG_CONFLICT
 */
export async function retag(
  ports: { readonly registry: Registry; readonly clock: Clock; readonly signal?: AbortSignal | undefined },
  { repository, digest, tag }: Retag,
): Promise<"created" | "present"> {
  const manifest = await ports.registry.find(repository, digest);
  if (manifest === undefined) throw imageGone(repository, digest);
  const outcome = await ports.registry.tag(repository, manifest, tag);
  await readBack(ports, { repository, tag, digest });
  return outcome;
}

/** A digest that a release pins, but the registry no longer has. */
export function imageGone(repository: string, digest: Digest): ThreadsError {
  return new ThreadsError("refused", {
    code: "IMAGE_GONE",
    message: `${repository} no longer has ${shortDigest(digest)}: a lifecycle rule or a person deleted it`,
    next: [`aws ecr get-lifecycle-policy --repository-name ${repository}`, "publish a new commit"],
  });
}
