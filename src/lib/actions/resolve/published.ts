import { ThreadsError } from "../../errors/threads-error.ts";
import type { StoredManifest } from "../../registry/registry.ts";
import { treeTag } from "../../registry/bundle.ts";
import { parseRelease } from "../../release/annotations.ts";
import type { PublishedRelease } from "../../release/release.ts";

/** The release in a bundle, which must be what the tag promised: a full sha, `tree-<hash>`, or a digest. @throws ThreadsError BUNDLE_MISMATCH */
export function asPublished(found: {
  readonly manifest: StoredManifest;
  readonly repository: string;
  readonly app: string;
  readonly tag: string;
}): PublishedRelease {
  const { manifest, repository, app, tag } = found;
  const release = parseRelease(manifest);
  const names = [release.revision, treeTag(release.tree), manifest.digest];
  if (release.app === app && names.includes(tag)) return { release, digest: manifest.digest, repository };
  throw new ThreadsError("refused", {
    code: "BUNDLE_MISMATCH",
    message: `the bundle under ${tag} says that it is ${release.app} ${release.revision}`,
    details: [`${repository}@${manifest.digest}`],
    next: [`aws ecr describe-images --repository-name ${repository}`],
  });
}
