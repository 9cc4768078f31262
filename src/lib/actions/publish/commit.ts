import type { Clock } from "../../clock/clock.ts";
import type { WritePart } from "../../errors/undertaking.ts";
import type { Digest } from "../../image/digest.ts";
import { writeBundle } from "../../registry/bundle.ts";
import { readBack } from "../../registry/read-back.ts";
import type { Registry, StoredManifest } from "../../registry/registry.ts";
import { retag } from "../../registry/retag.ts";
import type { Bundle } from "../../release/bundle.ts";
import type { BundlePlace } from "./bundle-place.ts";
import { tagTree } from "./tag-tree.ts";
import { bundlePart, setPart, tagsPart, treePart } from "./undertakings.ts";

interface CommitPorts {
  readonly registry: Registry;
  readonly clock: Clock;
  readonly signal: AbortSignal;
  readonly write: WritePart;
}

/** An image that gets the tag of the commit, which it did not have. */
export interface ToTag {
  readonly repository: string;
  readonly digest: Digest;
  readonly tag: string;
}

/**
 * Writes down which images belong together, under a name that publishes nothing: the first of several builds of a commit wins
 * here, by one write, before any of them has a tag of the commit. Whoever stops from now on leaves a set that any machine can
 * finish. @throws ThreadsError TAG_CONFLICT where another build was first
 */
export async function begin(
  bundle: Bundle,
  { repository, begunTag: tag }: BundlePlace,
  ports: CommitPorts,
): Promise<void> {
  await ports.write(setPart, async () => {
    await writeBundle(ports.registry, { repository, bundle, tag });
    await readBack(ports, { repository, tag, digest: bundle.manifest.digest });
  });
}

/** Gives the commit's tags: to all images in one round, then to the bundle, which publishes, then that of its sources. */
export async function commit(
  manifest: StoredManifest,
  images: readonly ToTag[],
  { repository, tag, treeTag }: BundlePlace,
  ports: CommitPorts,
): Promise<"created" | "present"> {
  const { registry, write } = ports;
  if (images.length > 0) await write(tagsPart, () => Promise.all(images.map((image) => retag(ports, image))));
  const { outcome, ofTree } = await write(bundlePart, async () => {
    const written = await registry.tag(repository, manifest, tag);
    const [found] = await Promise.all([
      registry.find(repository, treeTag),
      readBack(ports, { repository, tag, digest: manifest.digest }),
    ]);
    return { outcome: written, ofTree: found };
  });
  if (ofTree === undefined) await write(treePart, () => tagTree(registry, { repository, manifest, tag: treeTag }));
  return outcome;
}
