import { ThreadsError } from "../errors/threads-error.ts";
import { findBundles, publishedRelease } from "../registry/bundle.ts";
import type { PublishedRelease } from "../release/release.ts";
import { shortRevision } from "../release/revision.ts";
import type { Commit } from "../source/source.ts";
import type { ReleaseQuery, ResolvedRelease, ResolvePorts } from "./types.ts";

/**
 * The release that `promote --as` gave a version. Works without git; where git has a tag of that name, it must mean the same.
 * @returns undefined where the registry has no such version: then it is git's name alone. @throws ThreadsError AMBIGUOUS_REVISION
 */
export async function byVersion(
  wanted: ReleaseQuery & { readonly ref: string },
  { registry, repo, config, source }: ResolvePorts,
): Promise<ResolvedRelease | undefined> {
  const { ref, again, begun } = wanted;
  const { bundle } = config.registry;
  const [found, commit] = await Promise.all([
    findBundles(registry, { repo, bundle }, [ref]),
    source.resolve(ref).catch((error: unknown) => {
      // Only to say that another commit has that name too.
      if (error instanceof ThreadsError) return undefined;
      throw error;
    }),
  ]);
  const manifest = found.get(ref);
  if (manifest === undefined) return undefined;
  const repository = repo.repositoryFor(bundle);
  const published = publishedRelease({ repo, config, manifest, repository, label: manifest.digest });
  const { revision, tree } = published.release;
  if (commit !== undefined && commit.tree !== tree) throw twoMeanings(ref, { published, commit, again });
  begun?.(revision);
  const says = `${ref} is the version of ${shortRevision(revision)}, which is published`;
  return { published, how: "version", asked: revision, says, warnings: [] };
}

function twoMeanings(
  name: string,
  {
    published,
    commit,
    again,
  }: { readonly published: PublishedRelease; readonly commit: Commit } & Pick<ReleaseQuery, "again">,
): ThreadsError {
  const { revision } = published.release;
  return new ThreadsError("AMBIGUOUS_REVISION", {
    message: `${name} is a version in the registry and a name of git's, of different sources`,
    details: [`${revision} was promoted as ${name}`, `${commit.revision} is what git calls ${name}`],
    next: [again(revision), again(commit.revision)],
  });
}
