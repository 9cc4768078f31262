import type { Config } from "../../config/config.ts";
import type { EcrRepo } from "../../image/ecr-repo.ts";
import { begunLabel, treeLabel } from "../../registry/bundle.ts";
import type { Head } from "../../source/source.ts";

export interface BundlePlace {
  readonly repository: string;
  /** Of the revision: this one publishes. */
  readonly tag: string;
  /** Of what was begun: it pins a release that is not published yet. */
  readonly begunTag: string;
  /** Of its sources. */
  readonly treeTag: string;
}

/** In whatever layout the registry has. */
export function bundlePlace(
  { revision, tree }: Pick<Head, "revision" | "tree">,
  {
    config,
    repo,
  }: { readonly config: Pick<Config, "registry">; readonly repo: Pick<EcrRepo, "repositoryFor" | "tagFor"> },
): BundlePlace {
  const { bundle } = config.registry;
  return {
    repository: repo.repositoryFor(bundle),
    tag: repo.tagFor(bundle, revision),
    begunTag: repo.tagFor(bundle, begunLabel(revision)),
    treeTag: repo.tagFor(bundle, treeLabel(tree)),
  };
}
