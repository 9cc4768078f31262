import type { Config } from "../../config/config.ts";
import { ThreadsError } from "../../errors/threads-error.ts";
import type { Digest } from "../../image/digest.ts";
import type { EcrRepo } from "../../image/ecr-repo.ts";
import { imageGone } from "../../registry/image-gone.ts";
import { tagConflict } from "../../registry/read-back.ts";
import type { ImagePin, PublishedRelease } from "../../release/release.ts";
import type { Gate } from "../../gates/result.ts";
import type { Ships } from "./result.ts";

/** One thing that gets the tags: an image, or the bundle (service undefined). */
export interface Target {
  readonly service: string | undefined;
  readonly repository: string;
  readonly digest: Digest;
  /** The tag under which it was published: it stands for the revision. */
  readonly published: string;
  /** Those to give: the environment's own is the last. */
  readonly tags: readonly string[];
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
  /** What the tags to give say, in any layout of the registry: `prod-<sha>`, the last; a version. */
  readonly labels: readonly string[];
  readonly images: readonly Standing[];
  readonly bundle: Standing;
  /** Whether the ledger knows of the promotion; nobody asked it where the bundle lacks the environment's tag. */
  readonly isRecorded: boolean;
  readonly gates: readonly Gate[];
  readonly ships: Ships | null;
  readonly repeatSmoke: boolean;
}

export interface PromotePlan {
  readonly published: PublishedRelease;
  readonly labels: readonly string[];
  readonly images: readonly PlannedTags[];
  /** Comes last, and its environment's tag last of all: that is what promotes the release. */
  readonly bundle: PlannedTags;
  /** Whether the ledger knows of the promotion already: tags alone prove nothing. */
  readonly isRecorded: boolean;
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
export function targetsOf(
  { release, repository, digest }: PublishedRelease,
  { labels, tagFor }: Labelling,
): { readonly images: Target[]; readonly bundle: Target } {
  const target = (service: string | undefined, pin: ImagePin): Target => ({
    service,
    repository: pin.repository,
    digest: pin.digest,
    published: tagFor(service, release.revision),
    tags: labels.map((label) => tagFor(service, label)),
  });
  const images = Object.entries(release.images).map(([service, pin]) => target(service, pin));
  return { images, bundle: target(undefined, { repository, digest }) };
}

/** What the tags say, and how a registry's layout says it for each service; for the bundle, where that is undefined. */
export interface Labelling {
  readonly labels: readonly string[];
  readonly tagFor: (service: string | undefined, label: string) => string;
}

/** The labels as the tags of a registry. */
export function labelling(
  labels: readonly string[],
  { repo, config }: { readonly repo: Pick<EcrRepo, "tagFor">; readonly config: Pick<Config, "registry"> },
): Labelling {
  return { labels, tagFor: (service = config.registry.bundle, label) => repo.tagFor(service, label) };
}

/**
 * Decides everything before anything is written: one conflict among the targets, and nothing is touched. Pure: the same
 * situation gives the same plan, and the situation after carrying it out gives a plan with nothing to do.
 * @throws ThreadsError IMAGE_GONE, TAG_CONFLICT, ANOTHER_LAYOUT
 */
export function planPromote(situation: Situation): PromotePlan {
  const { published, labels, isRecorded, gates, ships, repeatSmoke } = situation;
  requireOneImageEach([...situation.images, situation.bundle]);
  const images = situation.images.map(planned);
  const bundle = planned(situation.bundle);
  const smoke = gates.some(({ gate, state }) => gate === "smoke" && state === "missing");
  const done = isRecorded && [...images, bundle].every(({ create }) => create.length === 0);
  return { published, labels, images, bundle, isRecorded, gates, ships, smoke: !done && (smoke || repeatSmoke), done };
}

/** A release that was published when ECR_REPO meant one repository for all has no place for tags without the service. */
function requireOneImageEach(targets: readonly Target[]): void {
  const places = new Map(
    targets.flatMap(({ repository, tags, digest }) => tags.map((tag) => [`${repository}:${tag}`, digest])),
  );
  for (const { repository, tags, digest } of targets)
    if (tags.some((tag) => places.get(`${repository}:${tag}`) !== digest))
      throw new ThreadsError("refused", {
        code: "ANOTHER_LAYOUT",
        message: `the release lies in the one repository ${repository}, but ECR_REPO means one for each service now`,
        next: [`export ECR_REPO='…/${repository}:{tag}-{service}'`, "publish it again"],
      });
}

function planned({ there, tagged, ...target }: Standing): PlannedTags {
  const { repository, digest, tags } = target;
  for (const tag of tags) {
    const other = tagged.get(tag);
    if (other !== undefined && other !== digest) throw tagConflict({ repository, tag, there: other, wanted: digest });
  }
  if (!there) throw imageGone(repository, digest);
  return { ...target, create: tags.filter((tag) => !tagged.has(tag)) };
}
