import type { Digest } from "../../image/digest.ts";
import { wildcard } from "../../image/wildcard.ts";
import type { LifecyclePolicy, LifecycleRule, LifecycleSelection } from "./policy.ts";

/** An image as lifecycle rules see it. Times are milliseconds since the epoch. */
export interface LifecycleImage {
  readonly digest: Digest;
  readonly tags: readonly string[];
  /** A retag does not refresh it (aws/containers-roadmap #2746). */
  readonly pushedAt: number;
  /** Recorded about once a day at most; undefined where it was never pulled. */
  readonly lastPulledAt?: number;
  /** When it last came back from the archive. */
  readonly activatedAt?: number;
  /** Since when it lies in the archive; undefined where it does not. */
  readonly archivedAt?: number;
  /** Digests that it lists, where it is an index. */
  readonly children?: readonly Digest[];
}

/** What a policy has in store for an image. */
export interface Fate {
  readonly digest: Digest;
  readonly rule: LifecycleRule;
  readonly action: "expire" | "archive";
  /** When the rule takes it, in ms; at or before now it is due: ECR acts within 24 hours. Undefined: see `pushesLeft`. */
  readonly at: number | undefined;
  /** How many more matching images may be pushed before it is taken: at 0 the next one does it. Undefined where time decides. */
  readonly pushesLeft: number | undefined;
}

const day = 24 * 60 * 60 * 1000;

/**
 * Every image that a policy takes now or will take, and how (ECR user guide, lifecycle policy evaluation): all rules are
 * evaluated together; the first rule whose tag requirement an image meets is the only one that can touch it, yet
 * rules further down count it; push time is the order; an image that an index lists stays as long as the index.
 * @param now milliseconds since the epoch
 */
export function simulateLifecycle(
  policy: LifecyclePolicy,
  images: readonly LifecycleImage[],
  now: number,
): ReadonlyMap<Digest, Fate> {
  const rules = policy.rules.toSorted((one, other) => one.rulePriority - other.rulePriority);
  const places = new Map(rules.map((rule) => [rule, ranks(rule.selection, images)]));
  const own = new Map<Digest, Fate>();
  for (const image of images) {
    const rule = rules.find(({ selection }) => selects(selection, image));
    if (rule === undefined) continue;
    own.set(image.digest, fateOf(image, { rule, rank: places.get(rule)?.get(image.digest) ?? 0, now }));
  }
  return holdChildren(own, images, now);
}

/** Whether the fate has come: ECR carries it out within 24 hours. */
export function isDue(fate: Fate, now: number): boolean {
  return fate.at !== undefined && fate.at <= now;
}

/** Whether an image meets a rule's requirement of tags and storage class; counts and ages are not looked at. */
function selects(selection: LifecycleSelection, image: LifecycleImage): boolean {
  if ((selection.storageClass ?? "standard") !== (image.archivedAt === undefined ? "standard" : "archive"))
    return false;
  if (selection.tagStatus === "any") return true;
  return selection.tagStatus === "untagged" ? image.tags.length === 0 : selectsTags(selection, image.tags);
}

/** Whether a rule for tagged images is met by these tags. */
export function selectsTags(selection: LifecycleSelection, tags: readonly string[]): boolean {
  const wanted = [
    ...(selection.tagPatternList ?? []).map(wildcard),
    ...(selection.tagPrefixList ?? []).map((prefix) => wildcard(`${prefix}*`)),
  ];
  // A list means all of them, not any: `["prod-*", "v*"]` protects only what carries both.
  return wanted.length > 0 && wanted.every((pattern) => tags.some((tag) => pattern.test(tag)));
}

/** 0 for the image pushed last. The digest decides between equal times, so that the same input gives the same answer. */
function ranks(selection: LifecycleSelection, images: readonly LifecycleImage[]): ReadonlyMap<Digest, number> {
  const youngestFirst = images
    .filter((image) => selects(selection, image))
    .toSorted((one, other) => other.pushedAt - one.pushedAt || (one.digest < other.digest ? -1 : 1));
  return new Map(youngestFirst.map((image, rank) => [image.digest, rank]));
}

function fateOf(
  image: LifecycleImage,
  { rule, rank, now }: { readonly rule: LifecycleRule; readonly rank: number; readonly now: number },
): Fate {
  const { selection } = rule;
  const action = rule.action.type === "transition" ? "archive" : "expire";
  const base = { digest: image.digest, rule, action } as const;
  if (selection.countType !== "imageCountMoreThan")
    return { ...base, at: ageFrom(selection, image) + selection.countNumber * day, pushesLeft: undefined };
  const left = selection.countNumber - 1 - rank;
  return left < 0 ? { ...base, at: now, pushesLeft: undefined } : { ...base, at: undefined, pushesLeft: left };
}

/** Where an age begins. A pull that never was counts from the push, and a restore counts as a pull. */
function ageFrom({ countType }: LifecycleSelection, image: LifecycleImage): number {
  if (countType === "sinceImagePulled")
    return Math.max(image.lastPulledAt ?? image.pushedAt, image.activatedAt ?? image.pushedAt);
  if (countType === "sinceImageTransitioned") return image.archivedAt ?? image.pushedAt;
  return image.pushedAt;
}

/** A child is not taken before every index that lists it, however old it is. */
function holdChildren(
  own: ReadonlyMap<Digest, Fate>,
  images: readonly LifecycleImage[],
  now: number,
): ReadonlyMap<Digest, Fate> {
  const parents = new Map<Digest, Digest[]>();
  for (const { digest, children = [] } of images)
    for (const child of children) parents.set(child, [...(parents.get(child) ?? []), digest]);
  const held = new Map<Digest, Fate>();
  for (const fate of own.values()) {
    const later = withParents(fate, { own, parents, now });
    if (later !== undefined) held.set(fate.digest, later);
  }
  return held;
}

interface Family {
  readonly own: ReadonlyMap<Digest, Fate>;
  readonly parents: ReadonlyMap<Digest, readonly Digest[]>;
  readonly now: number;
}

function withParents(fate: Fate, family: Family): Fate | undefined {
  let latest = fate;
  for (const parent of family.parents.get(fate.digest) ?? []) {
    const above = family.own.get(parent);
    const held = above === undefined ? undefined : withParents(above, family);
    if (held === undefined) return undefined;
    if (!isDue(held, family.now) && isLater(held, latest))
      latest = { ...fate, at: held.at, pushesLeft: held.pushesLeft };
  }
  return latest;
}

/** A time that is known comes before one that hangs on pushes. */
function isLater(one: Fate, other: Fate): boolean {
  if (one.at !== undefined && other.at !== undefined) return one.at > other.at;
  if (one.pushesLeft !== undefined && other.pushesLeft !== undefined) return one.pushesLeft > other.pushesLeft;
  return one.at === undefined;
}
