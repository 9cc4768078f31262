import { ThreadsError } from "../../errors/threads-error.ts";
import type { Registry, StoredManifest } from "../../registry/registry.ts";

/**
 * Lets commits of the same sources (a squash, a merge that changed nothing) find this release by its tree. Comes after the
 * bundle's own tag, which alone publishes: whoever is stopped in between has published, and the next run adds this.
 * The first release of these sources keeps the tag: any of them is as good, and a tag is never moved.
 * @param bundle with the tag that stands for the tree
 */
export async function tagTree(
  registry: Pick<Registry, "tag">,
  bundle: { readonly repository: string; readonly manifest: StoredManifest; readonly tag: string },
): Promise<"created" | "present"> {
  const { repository, manifest, tag } = bundle;
  try {
    // Just looked for, and not found: asking again would be one more round trip.
    return await registry.tag(repository, manifest, tag, { absent: true });
  } catch (error) {
    if (error instanceof ThreadsError && error.code === "TAG_CONFLICT") return "present";
    throw error;
  }
}
