import type { Digest } from "../../image/digest.ts";
import { imageGone } from "../../registry/image-gone.ts";
import { tagConflict } from "../../registry/read-back.ts";
import type { PublishedRelease } from "../../release/release.ts";
import type { Gate } from "../gates/result.ts";
import type { Ships } from "./result.ts";

/** One thing that gets the tags: an image, or the bundle (service undefined). */
export interface Target {
  readonly service: string | undefined;
  readonly repository: string;
  readonly digest: Digest;
}

/** A target as it stands in the registry. */
export interface Standing extends Target {
  /** Whether the registry still has the digest. */
  readonly there: boolean;
  /** What the tags to give name now; a tag that is not there is not in the map. */
  readonly tagged: ReadonlyMap<string, Digest>;
}

/** Everything that a promotion is decided by, as of one moment. */
export interface Situation {
  readonly published: PublishedRelease;
  /** The environment's own tag is the last. */
  readonly tags: readonly string[];
  readonly images: readonly Standing[];
  readonly bundle: Standing;
  readonly gates: readonly Gate[];
  readonly ships: Ships | null;
  readonly repeatSmoke: boolean;
}

export interface PromotePlan {
  readonly published: PublishedRelease;
  readonly tags: readonly string[];
  readonly images: readonly PlannedTags[];
  /** Comes last, and its environment's tag last of all: that is what promotes the release. */
  readonly bundle: PlannedTags;
  readonly gates: readonly Gate[];
  readonly ships: Ships | null;
  /** Run the production smoke first. */
  readonly smoke: boolean;
  /** Nothing is left to do. */
  readonly done: boolean;
}

export interface PlannedTags extends Target {
  /** Tags that are not there yet, in the order in which they are given. */
  readonly create: readonly string[];
}

/** What carries the tags in the end: every image of the release, and its bundle. */
export function targetsOf(published: PublishedRelease): { readonly images: Target[]; readonly bundle: Target } {
  const images = Object.entries(published.release.images).map(([service, pin]) => ({ service, ...pin }));
  return { images, bundle: { service: undefined, repository: published.repository, digest: published.digest } };
}

/**
 * Decides everything before anything is written: one conflict among the targets, and nothing is touched. Pure: the same
 * situation gives the same plan, and the situation after carrying it out gives a plan with nothing to do.
 * @throws ThreadsError IMAGE_GONE, TAG_CONFLICT
 */
export function planPromote(situation: Situation): PromotePlan {
  const { published, tags, gates, ships, repeatSmoke } = situation;
  const images = situation.images.map((one) => planned(tags, one));
  const bundle = planned(tags, situation.bundle);
  const smoke = gates.some(({ gate, state }) => gate === "smoke" && state === "missing");
  const done = [...images, bundle].every(({ create }) => create.length === 0);
  return { published, tags, images, bundle, gates, ships, smoke: !done && (smoke || repeatSmoke), done };
}

function planned(tags: readonly string[], { there, tagged, ...target }: Standing): PlannedTags {
  const { repository, digest } = target;
  for (const tag of tags) {
    const other = tagged.get(tag);
    if (other !== undefined && other !== digest) throw tagConflict({ repository, tag, there: other, wanted: digest });
  }
  if (!there) throw imageGone(repository, digest);
  return { ...target, create: tags.filter((tag) => !tagged.has(tag)) };
}
