import { findBundles, publishedRelease, treeLabel } from "../registry/bundle.ts";
import { shortRevision } from "../release/revision.ts";
import { are, count } from "../text/words.ts";
import { refuse } from "./not-published.ts";
import type { RequestedCommit, ResolvedRelease, ResolvePorts, ReleaseQuery } from "./types.ts";

/** How far back releases are looked for; one call tells about fifty commits. */
const horizon = 400;

/** Commits of the same sources that fit into one BatchGetImage beside the commit itself and the tree's tag. */
const mostTwins = 98;

/**
 * The commit's own release, otherwise one of the same tree: first that of the nearest ancestor (the branch that was
 * merged), then whatever was published first from these sources. One call. @throws ThreadsError NOT_PUBLISHED
 */
export async function bySources(
  wanted: Pick<ReleaseQuery, "again" | "begun"> & { readonly asked: RequestedCommit },
  ports: ResolvePorts,
): Promise<ResolvedRelease> {
  const { asked } = wanted;
  const { revision, tree } = asked;
  const { bundle } = ports.config.registry;
  const repository = ports.repo.repositoryFor(bundle);
  const history = await ports.source.history(revision, horizon);
  const twins = history.commits.filter((commit) => commit.tree === tree && commit.revision !== revision);
  const labels = [revision, ...twins.slice(0, mostTwins).map((commit) => commit.revision), treeLabel(tree)];
  wanted.begun?.(revision);
  const bundles = await findBundles(ports.registry, { repo: ports.repo, bundle }, labels);
  for (const label of labels) {
    const manifest = bundles.get(label);
    if (manifest === undefined) continue;
    const published = publishedRelease({ ...ports, manifest, repository, label, tree });
    return { published, ...describe(asked, published.release.revision), asked: revision, warnings: warnings(asked) };
  }
  throw await refuse({ ...wanted, history }, ports);
}

function describe({ name, revision, tree }: RequestedCommit, found: string): Pick<ResolvedRelease, "how" | "says"> {
  const [short, other] = [shortRevision(revision), shortRevision(found)];
  if (found === revision) return { how: "own", says: `${name} is ${short}, which is published` };
  return {
    how: "equal-tree",
    says: `${name} is ${short}, which was not published itself; ${other} was, from the very same sources (tree ${shortRevision(tree)})`,
  };
}

function warnings({ head }: RequestedCommit): string[] {
  if (head === undefined) return [];
  const short = shortRevision(head.revision);
  const changes = `${count(head.dirty.length, "uncommitted change")} ${are(head.dirty.length)}`;
  return [
    head.dirty.length === 0
      ? []
      : `${changes} not part of ${short} (${head.dirty.slice(0, 3).join(", ")}${head.dirty.length > 3 ? " …" : ""})`,
    head.pushed === false
      ? `${short} is not on ${head.upstream ?? "its upstream"} yet, so nobody else can see its sources`
      : [],
  ].flat();
}
