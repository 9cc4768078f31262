import type { Digest } from "../../../image/digest.ts";
import type { Identity } from "../protocol.ts";

export const mutabilities = ["MUTABLE", "IMMUTABLE", "IMMUTABLE_WITH_EXCLUSION", "MUTABLE_WITH_EXCLUSION"] as const;
export type Mutability = (typeof mutabilities)[number];

/** What the registry cannot tell: which images there are, untagged ones too, since when, and under which tags. Lives in a JsonStore. */
export interface IndexState {
  readonly repositories: Record<string, RepositoryState>;
  /** By sha256 of the token: a copy of the state is no credential. */
  readonly tokens: Record<string, IssuedToken>;
  /** Hex key that signs layer download URLs. */
  readonly urlKey: string;
}

/** A login of docker's, and whose. */
export interface IssuedToken {
  /** Epoch seconds. */
  readonly expiresAt: number;
  /** Of the role that has asked for it. */
  readonly session?: Identity["session"];
}

export interface RepositoryState {
  readonly name: string;
  /** Epoch seconds. */
  readonly createdAt: number;
  mutability: Mutability;
  /** Wildcard patterns of tags that are excepted from the mutability. */
  exclusions: readonly string[];
  scanOnPush?: boolean;
  /** `evaluatedAt` in epoch seconds. */
  lifecyclePolicy?: { readonly text: string; readonly evaluatedAt: number };
  /** Text of the policy that a preview was asked for. */
  lifecyclePreview?: string;
  readonly images: Record<string, ImageState>;
  readonly tags: Record<string, Digest>;
}

export interface ImageState {
  readonly digest: Digest;
  readonly mediaType: string;
  readonly artifactMediaType?: string;
  /** Epoch seconds; a retag does not change it. */
  readonly pushedAt: number;
  /** Bytes as DescribeImages reports them: Σ layers; for an index the greatest of its children. */
  readonly size: number;
  readonly children: readonly Digest[];
  readonly subject?: Digest;
  /** Epoch seconds; renewed once a day at most. */
  lastPulledAt?: number;
  /** Epoch seconds: when a scan was last started. */
  scannedAt?: number;
}

/** ECR's quota, not adjustable (ECR user guide, service quotas). */
export const tagsPerImage = 1000;

/** The tags of an image, sorted. */
export function tagsOf(repository: RepositoryState, digest: string): string[] {
  return Object.keys(repository.tags)
    .filter((tag) => repository.tags[tag] === digest)
    .sort();
}

/** Digests of the indexes in the repository that list `digest`. */
export function referrersOf(repository: RepositoryState, digest: Digest): Digest[] {
  return Object.values(repository.images)
    .filter(({ children }) => children.includes(digest))
    .map((image) => image.digest);
}

/** Adds the image unless it is there (its push date stays), and moves the tag to it. */
export function recordImage(repository: RepositoryState, image: ImageState, tag: string | undefined): void {
  repository.images[image.digest] ??= image;
  if (tag !== undefined) repository.tags[tag] = image.digest;
}

/** Removes the image and every tag on it. */
export function removeImage(repository: RepositoryState, digest: Digest): void {
  for (const tag of tagsOf(repository, digest)) delete repository.tags[tag];
  delete repository.images[digest];
}

/** Whether an existing tag may not move. Exclusion filters turn the repository's setting round for the tags that they match. */
export function isImmutable({ mutability, exclusions }: RepositoryState, tag: string): boolean {
  const excluded = exclusions.some((filter) => matchesWildcard(filter, tag));
  if (mutability === "IMMUTABLE") return true;
  if (mutability === "IMMUTABLE_WITH_EXCLUSION") return !excluded;
  return mutability === "MUTABLE_WITH_EXCLUSION" && excluded;
}

/** Filters and lifecycle patterns alike: `*` stands for anything, everything else for itself. */
export function matchesWildcard(filter: string, tag: string): boolean {
  const pattern = filter.split("*").map((part) => part.replaceAll(/[.\\+^$()[\]{}|?]/g, String.raw`\$&`));
  return new RegExp(`^${pattern.join(".*")}$`).test(tag);
}
