import type { Digest } from "../image/digest.ts";
import type { Migration } from "./migrations.ts";

/** What `release.json` in the bundle says: the digests of one build, and where they came from. */
export interface Release {
  /** 2: the model of what hosts run travels resolved, with what it needs beside it, and all images are pinned. */
  readonly schema: 1 | 2;
  readonly app: string;
  /** Full git sha. */
  readonly revision: string;
  /** Git tree hash of that revision: equal trees are equal sources. */
  readonly tree: string;
  /** ISO 8601, from the commit: build time would make the bundle's digest differ between runs. */
  readonly committedAt: string;
  /** By service name, in the order of the configuration. */
  readonly images: Readonly<Record<string, ImagePin>>;
  /** The proxy in front of a host's slots; not there where hosts have none. No service: nothing of it belongs to a stack. */
  readonly edge?: ImagePin;
  /** Names that a host's environment file must have, each with a value; not there in what an older threads has published. */
  readonly requiredKeys?: readonly string[];
  /** In order; not there where the release does not tell, which is not the same as none. */
  readonly migrations?: readonly Migration[];
}

/** One image by content. `repository` is the path without the registry's host, so that a copy elsewhere is the same release. */
export interface ImagePin {
  readonly repository: string;
  readonly digest: Digest;
}

/** A release as it lies in the registry: its contents and the digest of the bundle that pins them. */
export interface PublishedRelease {
  readonly release: Release;
  /** Digest of the bundle's manifest: the release's identity. */
  readonly digest: Digest;
  /** Repository path of the bundle, without host. */
  readonly repository: string;
}

/** The edge's name where services have theirs: its repository, or its part of a tag. */
export const edgeName = "edge";

/** All that hosts pull of a release beside its bundle, by the name of its repository: the services' images, and the edge. */
export function pulledImages({ images, edge }: Pick<Release, "images" | "edge">): Readonly<Record<string, ImagePin>> {
  return edge === undefined ? images : { ...images, [edgeName]: edge };
}

/** `WEB_IMAGE` for `web`, `CELERY_BEAT_IMAGE` for `celery-beat`: the variable by which a compose file takes a service's image. */
export function imageVariable(service: string): string {
  return `${service.toUpperCase().replaceAll(/[.-]/g, "_")}_IMAGE`;
}

/** The tag that a promotion gives: a label for people, never what a host pulls. */
export function promotedTag(environment: string, revision: string): string {
  return `${environment}-${revision}`;
}
