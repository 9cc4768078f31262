import type { Config, EnvironmentConfig } from "../../config/config.ts";
import { ThreadsError } from "../../errors/threads-error.ts";
import { isDeployable } from "../../fleet/hosts.ts";
import type { Overrides } from "../../gates/judge.ts";
import type { Digest } from "../../image/digest.ts";
import type { EcrRepo } from "../../image/ecr-repo.ts";
import { requireTag } from "../../image/tag.ts";
import { type ImagePin, promotedTag, type PublishedRelease, pulledImages } from "../../release/release.ts";
import { isVersion } from "../../release/version.ts";
import type { ResolvedRelease } from "../../resolve/types.ts";

/** What a promotion is about: a release, an environment, and the tags to give. */
export interface PromotionTarget {
  readonly environment: EnvironmentConfig;
  readonly resolved: ResolvedRelease;
  /** What the tags say, in any layout of the registry: a version, if one was asked for, before `prod-<sha>`. */
  readonly labels: readonly string[];
  readonly images: readonly TagTarget[];
  readonly bundle: TagTarget;
  readonly overrides: Overrides;
  readonly repeatSmoke: boolean;
}

/** One thing that gets the tags: an image, or the bundle (service undefined). */
export interface TagTarget {
  readonly service: string | undefined;
  readonly repository: string;
  readonly digest: Digest;
  /** The tag under which it was published: it stands for the revision. */
  readonly published: string;
  /** Those to give: the environment's own is the last. */
  readonly tags: readonly string[];
}

/** How the registry's layout writes a label as the tag of a service; of the bundle, where that is undefined. */
export type TagFor = (service: string | undefined, label: string) => string;

export function tagsOf(ports: {
  readonly repo: Pick<EcrRepo, "tagFor">;
  readonly config: Pick<Config, "registry">;
}): TagFor {
  const { repo, config } = ports;
  return (service = config.registry.bundle, label) => repo.tagFor(service, label);
}

/** What carries the tags in the end: every image of the release, and its bundle. */
export function targetsOf(
  { release, repository, digest }: PublishedRelease,
  labels: readonly string[],
  tagFor: TagFor,
): { readonly images: TagTarget[]; readonly bundle: TagTarget } {
  const target = (service: string | undefined, pin: ImagePin): TagTarget => ({
    service,
    repository: pin.repository,
    digest: pin.digest,
    published: tagFor(service, release.revision),
    tags: labels.map((label) => tagFor(service, label)),
  });
  const images = Object.entries(pulledImages(release)).map(([service, pin]) => target(service, pin));
  return { images, bundle: target(undefined, { repository, digest }) };
}

/** Where nothing is deployed, a promotion is how images come there; elsewhere it would say what nobody asks. @throws ThreadsError NO_GATES */
export function requireGates(environment: EnvironmentConfig, revision: string): void {
  const { name, requiresPromotion } = environment;
  if (requiresPromotion || !isDeployable(environment)) return;
  throw new ThreadsError("NO_GATES", {
    message: `${name} has no gates in threads.yml, so nothing is promoted to it: what is published can be deployed`,
    next: [`threads deploy -e ${name} ${revision}`],
  });
}

/** The version first where there is one; the environment's own last, because it is the commit point. */
export function labelsFor(environment: string, revision: string, as: string | undefined): readonly string[] {
  const own = requireTag(promotedTag(environment, revision));
  return as === undefined ? [own] : [requireVersion(as), own];
}

/** @throws ThreadsError NOT_A_VERSION (usage) */
export function requireVersion(text: string): string {
  if (isVersion(text)) return requireTag(text);
  const plus = text.includes("+");
  throw new ThreadsError("NOT_A_VERSION", {
    message: plus
      ? `${JSON.stringify(text)} has build metadata, and an image tag cannot have a "+"`
      : `${JSON.stringify(text)} is not a version like v1.2.3`,
    next: ["threads promote --help"],
    advice: [`write --as ${plus ? text.replaceAll("+", "-") : "v1.2.3"}, for example`],
  });
}
