import { ThreadsError } from "../errors/threads-error.ts";
import { type Digest, shortDigest } from "../image/digest.ts";
import type { Registry } from "./registry.ts";
import { tagConflict } from "./ecr-write.ts";

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
export async function retag(registry: Registry, { repository, digest, tag }: Retag): Promise<"created" | "present"> {
  const manifest = await registry.find(repository, digest);
  if (manifest === undefined) throw imageGone(repository, digest);
  const outcome = await registry.tag(repository, manifest, tag);
  const there = await registry.find(repository, tag);
  if (there?.digest === digest) return outcome;
  if (there !== undefined) throw tagConflict({ repository, tag, there: there.digest, wanted: digest });
  throw new ThreadsError("unknown", {
    code: "TAG_UNSETTLED",
    message: `${repository}:${tag} was written, but is not found when read back`,
    next: ["run the same command again: it goes on where this one stopped"],
  });
}

/** A digest that a release pins, but the registry no longer has. */
export function imageGone(repository: string, digest: Digest): ThreadsError {
  return new ThreadsError("refused", {
    code: "IMAGE_GONE",
    message: `${repository} no longer has ${shortDigest(digest)}: a lifecycle rule or a person deleted it`,
    next: [`aws ecr get-lifecycle-policy --repository-name ${repository}`, "publish a new commit"],
  });
}
