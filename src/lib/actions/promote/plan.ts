import { ThreadsError } from "../../errors/threads-error.ts";
import type { Digest } from "../../image/digest.ts";
import { tagConflict } from "../../registry/read-back.ts";
import { imageGone } from "../../registry/image-gone.ts";
import { promotedTag, type PublishedRelease } from "../../release/release.ts";
import { shortRevision } from "../../release/revision.ts";

/** One thing that gets the tag: an image, or the bundle (service undefined). */
export interface Target {
  readonly service: string | undefined;
  readonly repository: string;
  readonly digest: Digest;
}

/** A target as it stands in the registry. */
export interface Standing extends Target {
  /** Whether the registry still has the digest. */
  readonly there: boolean;
  /** What the target tag names now. */
  readonly tagged: Digest | undefined;
}

export interface PromotePlan {
  readonly tag: string;
  readonly images: readonly PlannedTag[];
  /** Comes last: its tag is what promotes the release. */
  readonly bundle: PlannedTag;
  /** Nothing is left to do. */
  readonly done: boolean;
}

export interface PlannedTag extends Target {
  readonly action: "create" | "present";
}

/** What carries the tag in the end: every image of the release, and its bundle. */
export function targetsOf(published: PublishedRelease): { readonly images: Target[]; readonly bundle: Target } {
  const images = Object.entries(published.release.images).map(([service, pin]) => ({ service, ...pin }));
  return { images, bundle: { service: undefined, repository: published.repository, digest: published.digest } };
}

/**
 * Decides everything before anything is written: one conflict among the five, and nothing is touched.
 * @throws ThreadsError IMAGE_GONE, TAG_CONFLICT
 */
export function planPromote(
  tag: string,
  standing: { readonly images: readonly Standing[]; readonly bundle: Standing },
): PromotePlan {
  const images = standing.images.map((one) => planned(tag, one));
  const bundle = planned(tag, standing.bundle);
  return { tag, images, bundle, done: [...images, bundle].every(({ action }) => action === "present") };
}

function planned(tag: string, { there, tagged, ...target }: Standing): PlannedTag {
  const { repository, digest } = target;
  if (tagged !== undefined && tagged !== digest) throw tagConflict({ repository, tag, there: tagged, wanted: digest });
  if (!there) throw imageGone(repository, digest);
  return { ...target, action: tagged === undefined ? "create" : "present" };
}

/** The tag that promotion to an environment gives. @throws ThreadsError UNKNOWN_ENVIRONMENT */
export function tagFor(
  environment: string,
  { revision, known }: { readonly revision: string; readonly known: readonly string[] },
): string {
  if (known.includes(environment)) return promotedTag(environment, revision);
  throw new ThreadsError("usage", {
    code: "UNKNOWN_ENVIRONMENT",
    message: `threads.yml has no environment ${JSON.stringify(environment)}`,
    next: known.map((name) => `threads promote ${shortRevision(revision)} -e ${name}`),
  });
}

/** The bundle must say what its tag says. @throws ThreadsError NOT_PUBLISHED, BUNDLE_MISMATCH */
export function requirePublished(
  published: PublishedRelease | undefined,
  wanted: { readonly app: string; readonly revision: string; readonly repository: string },
): PublishedRelease {
  if (published === undefined)
    throw new ThreadsError("refused", {
      code: "NOT_PUBLISHED",
      message: `${shortRevision(wanted.revision)} is not published: ${wanted.repository} has no bundle of it`,
      next: [`git checkout ${shortRevision(wanted.revision)} && threads smoke && threads publish`],
    });
  const { app, revision } = published.release;
  if (app === wanted.app && revision === wanted.revision) return published;
  throw new ThreadsError("refused", {
    code: "BUNDLE_MISMATCH",
    message: `the bundle under ${wanted.revision} says that it is ${app} ${revision}`,
    next: [`aws ecr describe-images --repository-name ${wanted.repository}`],
  });
}

/** The sha's tag was moved while its images were tested: nobody knows any more what was meant. */
export function movedMeanwhile(moved: readonly Target[], revision: string): ThreadsError {
  return new ThreadsError("conflict", {
    code: "TAG_MOVED",
    message: `the images of ${shortRevision(revision)} were changed while they were tested; nothing was promoted`,
    details: moved.map(({ repository, digest }) => `${repository}:${revision} no longer is ${digest}`),
    next: ["find out who pushed, then: threads promote again", "make the repositories immutable"],
  });
}
