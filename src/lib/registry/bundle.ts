import type { Config } from "../config/config.ts";
import { ThreadsError } from "../errors/threads-error.ts";
import { parseRelease } from "../release/annotations.ts";
import type { Bundle } from "../release/bundle.ts";
import type { PublishedRelease } from "../release/release.ts";
import type { EcrRepo } from "../image/ecr-repo.ts";
import { requireOwnPins } from "./own-pins.ts";
import type { Registry, StoredManifest } from "./registry.ts";

/**
 * The release that a bundle's tag or digest names, read from the bundle's manifest alone: one call, no download.
 * @returns undefined where nothing is published under it. @throws ThreadsError NOT_A_BUNDLE, BUNDLE_TOO_NEW
 */
export async function readRelease(
  registry: Pick<Registry, "find">,
  repository: string,
  reference: string,
): Promise<PublishedRelease | undefined> {
  const manifest = await registry.find(repository, reference);
  return manifest === undefined ? undefined : { release: parseRelease(manifest), digest: manifest.digest, repository };
}

/** Bundles by label: a full sha, `tree-<hash>`. What is not there is not in the map. */
export async function findBundles(
  registry: Pick<Registry, "findMany">,
  { repo, bundle }: { readonly repo: Pick<EcrRepo, "repositoryFor" | "tagFor">; readonly bundle: string },
  labels: readonly string[],
): Promise<ReadonlyMap<string, StoredManifest>> {
  const tags = new Map(labels.map((label) => [label, repo.tagFor(bundle, label)]));
  const found = await registry.findMany(repo.repositoryFor(bundle), [...tags.values()]);
  const named = [...tags].map(([label, tag]) => [label, found.get(tag)] as const);
  return new Map(named.flatMap(([label, there]) => (there === undefined ? [] : [[label, there] as const])));
}

/**
 * The release in a bundle, which must be what its label promised: a full sha, `tree-<hash>`, or a digest; and, where git knows
 * the tree, be built from it; what it pins lies in the repositories of ECR_REPO. @throws ThreadsError BUNDLE_MISMATCH, FOREIGN_PINS
 */
export function publishedRelease(found: {
  readonly repo: Pick<EcrRepo, "repositoryFor">;
  readonly config: Pick<Config, "app"> & { readonly registry: Pick<Config["registry"], "bundle"> };
  readonly manifest: StoredManifest;
  readonly repository: string;
  readonly label: string;
  readonly tree?: string;
}): PublishedRelease {
  const { manifest, repository, config, label, tree, repo } = found;
  const release = parseRelease(manifest);
  const names = [release.revision, treeLabel(release.tree), manifest.digest];
  const isRight = release.app === config.app && names.includes(label) && (tree === undefined || tree === release.tree);
  const published = { release, digest: manifest.digest, repository };
  if (isRight) {
    requireOwnPins(published, { repo, bundle: config.registry.bundle });
    return published;
  }
  throw new ThreadsError("BUNDLE_MISMATCH", {
    message: `the bundle under ${label} says that it is ${release.app} ${release.revision}`,
    details: [`${repository}@${manifest.digest}, tree ${release.tree}`],
    next: [`aws ecr describe-images --repository-name ${repository}`],
  });
}

/**
 * Uploads a bundle and gives it its tag; the tag comes last and is what publishes it.
 * Four dependent round trips: begin, part and end of an upload, which ECR cannot do in one, and the tag, which needs the blobs.
 */
export async function writeBundle(
  registry: Pick<Registry, "find" | "upload" | "tag">,
  target: { readonly repository: string; readonly bundle: Bundle; readonly tag: string },
): Promise<"created" | "present"> {
  const { repository, bundle, tag } = target;
  // Looked for meanwhile, not before: that would be one round trip more.
  const [there] = await Promise.all([
    registry.find(repository, tag),
    registry.upload(repository, bundle.layer),
    registry.upload(repository, bundle.config),
  ]);
  return registry.tag(repository, bundle.manifest, tag, { absent: there === undefined });
}

/** With what the tags begin that are neither a commit's nor an environment's, before `-`. */
export const labelWords = ["tree", "begun", "upload"] as const;

/** The label by which other commits with the same sources find a release: a second name, which publishes nothing. */
export function treeLabel(tree: string): string {
  return `${labelWords[0]}-${tree}`;
}

/** The label of a bundle whose images are all there, and none of which has the commit's tag yet. */
export function begunLabel(revision: string): string {
  return `${labelWords[1]}-${revision}`;
}

/**
 * The label under which an image goes up: it says which image that is, and of no commit that it has one. So nothing that is
 * uploaded is ever without a tag, which a lifecycle rule for untagged images would take, and two builds are in nobody's way.
 * @param id as docker has it
 */
export function uploadLabel(id: string): string {
  return `${labelWords[2]}-${id.slice("sha256:".length, "sha256:".length + 40)}`;
}
