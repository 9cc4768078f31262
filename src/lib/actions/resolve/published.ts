import { ThreadsError } from "../../errors/threads-error.ts";
import type { StoredManifest } from "../../registry/registry.ts";
import { treeLabel } from "../../registry/bundle.ts";
import { parseRelease } from "../../release/annotations.ts";
import type { PublishedRelease } from "../../release/release.ts";

/**
 * The release in a bundle, which must be what its label promised: a full sha, `tree-<hash>`, or a digest; and, where git knows
 * the tree, be built from it. @throws ThreadsError BUNDLE_MISMATCH
 */
export function asPublished(found: {
  readonly manifest: StoredManifest;
  readonly repository: string;
  readonly app: string;
  readonly label: string;
  readonly tree?: string;
}): PublishedRelease {
  const { manifest, repository, app, label, tree } = found;
  const release = parseRelease(manifest);
  const names = [release.revision, treeLabel(release.tree), manifest.digest];
  const isRight = release.app === app && names.includes(label) && (tree === undefined || tree === release.tree);
  if (isRight) return { release, digest: manifest.digest, repository };
  throw new ThreadsError("refused", {
    code: "BUNDLE_MISMATCH",
    message: `the bundle under ${label} says that it is ${release.app} ${release.revision}`,
    details: [`${repository}@${manifest.digest}, tree ${release.tree}`],
    next: [`aws ecr describe-images --repository-name ${repository}`],
  });
}
