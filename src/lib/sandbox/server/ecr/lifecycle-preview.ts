import { type ImageState, matchesWildcard, referrersOf, type RepositoryState, tagsOf } from "./index-state.ts";
import type { PolicyRule } from "./lifecycle-document.ts";

/** An image that a policy would take now, and the rule that does it. */
export interface Taken {
  readonly image: ImageState;
  readonly rule: PolicyRule;
}

const daySeconds = 24 * 60 * 60;

/**
 * Evaluates a policy as the ECR user guide describes it: the first rule whose tags an image has is the only one that may
 * take it; counts go by push time over everything that a rule matches; an index shields what it lists.
 * @param rules by priority. @param now epoch seconds
 */
export function evaluatePolicy(rules: readonly PolicyRule[], repository: RepositoryState, now: number): Taken[] {
  const images = Object.values(repository.images);
  const taken = new Map<string, Taken>();
  for (const image of images) {
    const rule = rules.find((candidate) => matches(candidate, repository, image));
    if (rule === undefined) continue;
    const before = images.filter((other) => matches(rule, repository, other) && isBefore(other, image)).length;
    if (isOver(rule, { image, before, now })) taken.set(image.digest, { image, rule });
  }
  // Again and again, since a shielded index shields its own children in turn.
  for (let changed = true; changed;) {
    const shielded = [...taken.values()].filter(({ image }) =>
      referrersOf(repository, image.digest).some((index) => !taken.has(index)),
    );
    for (const { image } of shielded) taken.delete(image.digest);
    changed = shielded.length > 0;
  }
  return [...taken.values()].toSorted((one, other) => (one.image.digest < other.image.digest ? -1 : 1));
}

function isBefore(one: ImageState, other: ImageState): boolean {
  return one.pushedAt > other.pushedAt || (one.pushedAt === other.pushedAt && one.digest < other.digest);
}

function matches({ selection }: PolicyRule, repository: RepositoryState, image: ImageState): boolean {
  // Nothing is ever archived here.
  if (selection.storageClass === "archive") return false;
  const tags = tagsOf(repository, image.digest);
  if (selection.tagStatus === "any") return true;
  if (selection.tagStatus === "untagged") return tags.length === 0;
  const wanted = [
    ...(selection.tagPatternList ?? []),
    ...(selection.tagPrefixList ?? []).map((prefix) => `${prefix}*`),
  ];
  return wanted.every((pattern) => tags.some((tag) => matchesWildcard(pattern, tag)));
}

function isOver(
  { selection: { countType, countNumber } }: PolicyRule,
  { image, before, now }: { readonly image: ImageState; readonly before: number; readonly now: number },
): boolean {
  if (countType === "imageCountMoreThan") return before >= countNumber;
  const since = countType === "sinceImagePulled" ? (image.lastPulledAt ?? image.pushedAt) : image.pushedAt;
  return now - since > countNumber * daySeconds;
}
