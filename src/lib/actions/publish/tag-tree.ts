import { ThreadsError } from "../../errors/threads-error.ts";
import { treeTag } from "../../registry/bundle.ts";
import type { Registry, StoredManifest } from "../../registry/registry.ts";

/**
 * Lets commits of the same sources (a squash, a merge that changed nothing) find this release by its tree. Comes after the
 * bundle's own tag, which alone publishes: whoever is stopped in between has published, and the next run adds this.
 * The first release of these sources keeps the tag: any of them is as good, and a tag is never moved.
 */
export async function tagTree(
  registry: Pick<Registry, "tag">,
  bundle: { readonly repository: string; readonly manifest: StoredManifest; readonly tree: string },
): Promise<"created" | "present"> {
  const { repository, manifest, tree } = bundle;
  try {
    // Just looked for, and not found: asking again would be one more round trip.
    return await registry.tag(repository, manifest, treeTag(tree), { absent: true });
  } catch (error) {
    if (error instanceof ThreadsError && error.code === "TAG_CONFLICT") return "present";
    throw error;
  }
}
