import type { Config } from "../config/config.ts";
import type { EcrRepo } from "../image/ecr-repo.ts";
import type { Ledger } from "../ledger/ledger.ts";
import type { Registry } from "../registry/registry.ts";
import type { PublishedRelease } from "../release/release.ts";
import type { Head, Source } from "../source/source.ts";

/** What a person typed for a release, and the command that it stands in. */
export interface ReleaseQuery {
  /** A full or short sha, a version, a tag, a branch, HEAD, an environment's name (what runs there); undefined is HEAD. */
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
  readonly ledger: Pick<Ledger, "deploymentLog">;
}

export interface ResolvedRelease {
  readonly published: PublishedRelease;
  /**
   * explicit: the full sha was given and is published. own: git resolved the name to a published commit.
   * equal-tree: that commit is not published, but another one with the very same sources is.
   * version: it was promoted under that version. environment: what the environment's ledger says runs there.
   */
  readonly how: "explicit" | "own" | "equal-tree" | "version" | "environment";
  /** The commit that was asked for: another one than the release's only where `how` is equal-tree. */
  readonly asked: string;
  /** One sentence for a person: which release this is, and why. */
  readonly says: string;
  /** Sentences that a person should read before going on: uncommitted changes, a commit that is not pushed. */
  readonly warnings: readonly string[];
}

/** A commit as a person asked for it. */
export interface RequestedCommit {
  /** In the person's words: `HEAD (dev)`, `v1.2`. */
  readonly name: string;
  /** Full sha. */
  readonly revision: string;
  readonly tree: string;
  /** Where HEAD was asked for: it may have changes that no release has. */
  readonly head: Head | undefined;
}
