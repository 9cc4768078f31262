import { ThreadsError } from "../../errors/threads-error.ts";
import { findBundles } from "../../registry/bundle.ts";
import { shortRevision } from "../../release/revision.ts";
import type { Commit } from "../../source/source.ts";
import { bySources } from "./by-sources.ts";
import { asPublished } from "./published.ts";
import type { ResolvedRelease, ResolvePorts, Wanted } from "./resolve-release.ts";

/** A full sha needs no git where it is published itself; only otherwise git is asked for its sources. */
export async function byRevision(
  wanted: Wanted & { readonly revision: string },
  ports: ResolvePorts,
): Promise<ResolvedRelease> {
  const { revision } = wanted;
  const { bundle } = ports.config.registry;
  const repository = ports.repo.repositoryFor(bundle);
  wanted.begun?.(revision);
  const manifest = (await findBundles(ports.registry, { repo: ports.repo, bundle }, [revision])).get(revision);
  if (manifest !== undefined)
    return {
      published: asPublished({ manifest, repository, app: ports.config.app, label: revision }),
      how: "explicit",
      asked: revision,
      says: `${shortRevision(revision)} was given in full, and is published`,
      warnings: [],
    };
  const commit = await ports.source.resolve(revision).catch((error: unknown) => {
    throw error instanceof ThreadsError ? unknownEverywhere(revision, error) : error;
  });
  return bySources({ ...wanted, asked: { ...named(commit), name: shortRevision(revision), head: undefined } }, ports);
}

function named({ revision, tree }: Commit): Pick<Commit, "revision" | "tree"> {
  return { revision, tree };
}

/** Neither the registry nor git has it; git's own words say why it could not even be looked up by its sources. */
function unknownEverywhere(revision: string, git: ThreadsError): ThreadsError {
  const isShallow = git.code === "SHALLOW_CLONE";
  const why =
    git.code === "UNKNOWN_REVISION" || isShallow
      ? `git does not know it either${isShallow ? " (this clone is shallow)" : ""}`
      : git.message;
  return new ThreadsError("refused", {
    code: "NOT_PUBLISHED",
    message: `${shortRevision(revision)} was never published, and ${why}`,
    next: [isShallow ? "git fetch --unshallow --tags" : "git fetch --all --tags", "git log --oneline"],
    cause: git,
  });
}
