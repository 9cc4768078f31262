import type { Config } from "../../config/config.ts";
import type { EcrRepo } from "../../image/ecr-repo.ts";
import type { Ledger } from "../../ledger/ledger.ts";
import type { Registry } from "../../registry/registry.ts";
import type { PublishedRelease } from "../../release/release.ts";
import { isRevision } from "../../release/revision.ts";
import type { Source } from "../../source/source.ts";
import { byCommit } from "./by-commit.ts";
import { byEnvironment } from "./by-environment.ts";
import { byRevision } from "./by-revision.ts";

export interface Wanted {
  /** A full or short sha, a tag, a branch, HEAD, an environment's name (what runs there); undefined is HEAD. */
  readonly ref: string | undefined;
  /** The command as it is typed with another sha, for the refusals' next steps. */
  readonly again: (revision: string) => string;
  /**
   * Told which commit it is about as soon as that is known, in the turn of the event loop in which the registry is asked
   * for it: what else can be asked about a revision then costs no round trip of its own.
   */
  readonly begun?: (revision: string) => unknown;
}

export interface ResolvePorts {
  readonly config: Pick<Config, "app" | "environments" | "registry">;
  readonly repo: Pick<EcrRepo, "repositoryFor" | "tagFor">;
  readonly registry: Pick<Registry, "findMany">;
  readonly source: Pick<Source, "head" | "resolve" | "refs" | "history" | "difference">;
  /** Asked only for an environment's name. */
  readonly ledger: Pick<Ledger, "chronicle">;
}

export interface ResolvedRelease {
  readonly published: PublishedRelease;
  /**
   * explicit: the full sha was given and is published. own: git resolved the name to a published commit.
   * equal-tree: that commit is not published, but another one with the very same sources is.
   * environment: what the environment's ledger says runs there.
   */
  readonly how: "explicit" | "own" | "equal-tree" | "environment";
  /** The commit that was asked for: another one than the release's only where `how` is equal-tree. */
  readonly asked: string;
  /** One sentence for a person: which release this is, and why. */
  readonly says: string;
  /** Sentences that a person should read before going on: uncommitted changes, a commit that is not pushed. */
  readonly warnings: readonly string[];
}

/**
 * The published release that a name means: never a guess. A commit's own release comes first, then one of the same git
 * tree (so squash, rebase and merge commits find what was built on the branch), otherwise it is refused with the
 * difference to the nearest published ancestor. Reads only; usually one git call and one BatchGetImage.
 * @throws ThreadsError NOT_PUBLISHED, NOTHING_DEPLOYED, BUNDLE_MISMATCH, IMAGE_GONE (refused); UNKNOWN_REVISION, AMBIGUOUS_REVISION, SHALLOW_CLONE, NOT_A_REPOSITORY (usage)
 */
export async function resolveRelease(wanted: Wanted, ports: ResolvePorts): Promise<ResolvedRelease> {
  const { ref = "HEAD" } = wanted;
  const environment = ports.config.environments[ref];
  // An environment without hosts runs nothing, so its name can only be git's.
  if (environment?.hosts !== undefined) return byEnvironment(environment.name, wanted, ports);
  return isRevision(ref) ? byRevision({ ...wanted, revision: ref }, ports) : byCommit({ ...wanted, ref }, ports);
}
