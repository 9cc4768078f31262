import { ThreadsError } from "../errors/threads-error.ts";
import type { EcrRepo } from "../image/ecr-repo.ts";
import { type PublishedRelease, pulledImages } from "../release/release.ts";
import { shortRevision } from "../release/revision.ts";
import { describeLine } from "./describe-line.ts";

/** Where a release's images and its bundle have to lie. */
interface Home {
  readonly repo: Pick<EcrRepo, "repositoryFor">;
  /** The bundle's name in the registry. */
  readonly bundle: string;
}

/**
 * Whoever may push a bundle can pin any image in it: only those in the repositories that ECR_REPO names are ours.
 * @throws ThreadsError FOREIGN_PINS; ANOTHER_LAYOUT where all lie in one repository, as ECR_REPO may have meant once
 */
export function requireOwnPins({ release, digest, repository }: PublishedRelease, { repo, bundle }: Home): void {
  const pins = [...Object.entries(pulledImages(release)), [bundle, { repository, digest }] as const];
  const foreign = pins.filter(([service, pin]) => pin.repository !== repo.repositoryFor(service));
  if (foreign.length === 0) return;
  if (new Set(pins.map(([, pin]) => pin.repository)).size === 1)
    throw new ThreadsError("ANOTHER_LAYOUT", {
      message: `the release lies in the one repository ${repository}, but ECR_REPO means one for each service now`,
      next: ["threads publish"],
      advice: [`either publish it again, or let ECR_REPO end with /${repository}:{tag}-{service} as it did then`],
    });
  throw new ThreadsError("FOREIGN_PINS", {
    message: `the bundle of ${shortRevision(release.revision)} pins what does not lie in the repositories that ECR_REPO names`,
    details: foreign.map(
      ([service, pin]) => `${service}: ${pin.repository}@${pin.digest}, and not ${repo.repositoryFor(service)}`,
    ),
    next: [describeLine({ repository, digest })],
    advice: [
      "find out who pushed the bundle, and publish a new commit",
      "where the repositories were renamed since, set ECR_REPO as it was when it was published",
    ],
  });
}
