import type { Next } from "../../errors/next.ts";
import { type Digest, shortDigest } from "../../image/digest.ts";
import type { EcrRepo } from "../../image/ecr-repo.ts";
import { commandText } from "../../process/processes.ts";
import { type Fate, isDue, type LifecycleImage, selectsTags, simulateLifecycle } from "./simulate.ts";
import { type LifecyclePolicy, selectionText } from "./policy.ts";
import { isSignatureTag, signaturePattern, signaturesOf } from "./signature-tags.ts";
import { withSafeRules } from "./remedy.ts";
import type { LifecycleSource } from "./source.ts";

/** An image that must stay. */
export interface ProtectedImage {
  readonly repository: string;
  readonly digest: Digest;
  /** Completes "because": `runs in prod`, `rollback target of prod`, `is being promoted to prod`. */
  readonly because: string;
  /** Tags that it is about to be given: rules are judged as if it had them. */
  readonly tagsToBe?: readonly string[];
}

export interface LifecycleWarning {
  readonly repository: string;
  readonly digest: Digest;
  readonly because: readonly string[];
  /** `gone` and `archived` have happened; the others are what the policy has in store. */
  readonly kind: "gone" | "archived" | "expire" | "archive";
  /** Within a week, or already: this cannot wait. */
  readonly urgent: boolean;
  /** ISO 8601: when the rule takes it; undefined where the number of pushes decides, or nothing is left to decide. */
  readonly at: string | undefined;
  /** How many more matching pushes it survives; undefined where time decides. */
  readonly pushesLeft: number | undefined;
  /** Priority of the rule. */
  readonly rule: number | undefined;
  /** One sentence for a person. */
  readonly text: string;
  /** What to do, most likely first. */
  readonly next: readonly string[];
  readonly advice: readonly string[];
}

const day = 24 * 60 * 60 * 1000;
const urgentDays = 7;
/** A rule by count is worth a word when the image would not outlive so many pushes. */
const fewPushes = 100;

export interface LifecycleOrder {
  readonly protected: readonly ProtectedImage[];
  /** Milliseconds since the epoch. */
  readonly now: number;
  /** Look for images that are gone or archived in repositories without a policy too. */
  readonly thorough?: boolean;
  readonly repo: TagReader;
}

/** How tags are read and written in the registry's layout: a rule for `prod-*` does not see `web-prod-<sha>`. */
export type TagReader = Pick<EcrRepo, "labelOf" | "patternFor">;

/**
 * Which of the protected images a lifecycle policy takes, or has taken: one GetLifecyclePolicy for each repository, and
 * DescribeImages pages where there is a policy. Reads only.
 * @throws ThreadsError LIFECYCLE_UNREADABLE, REPOSITORY_NOT_FOUND, ACCESS_DENIED …
 */
export async function lifecycleWarnings(
  order: LifecycleOrder,
  source: LifecycleSource,
): Promise<readonly LifecycleWarning[]> {
  const repositories = [...new Set(order.protected.map(({ repository }) => repository))];
  const found = await Promise.all(
    repositories.map(async (repository) => {
      const policy = await source.policy(repository);
      if (policy === undefined && order.thorough !== true) return [];
      const images = await source.images(repository);
      const own = order.protected.filter((image) => image.repository === repository);
      return judgeRepository(
        { repository, policy: policy ?? { rules: [] }, images, protected: own, repo: order.repo },
        order.now,
      );
    }),
  );
  return found.flat();
}

interface Repository {
  readonly repository: string;
  readonly policy: LifecyclePolicy;
  readonly images: readonly LifecycleImage[];
  readonly protected: readonly ProtectedImage[];
  readonly repo: TagReader;
}

/** The pure half of lifecycleWarnings, for one repository. */
export function judgeRepository(facts: Repository, now: number): LifecycleWarning[] {
  const wanted = merge(facts.protected);
  const images = facts.images.map((image) => ({
    ...image,
    tags: [...new Set([...image.tags, ...(wanted.get(image.digest)?.tags ?? [])])],
  }));
  const fates = simulateLifecycle(facts.policy, images, now);
  return [...wanted, ...signaturesOf(wanted, images)].flatMap(([digest, { because }]) => {
    const image = images.find((one) => one.digest === digest);
    const { repository, repo } = facts;
    const subject = { repository, repo, digest, because, tags: image?.tags ?? [] };
    if (image === undefined) return [gone(subject)];
    if (image.archivedAt !== undefined) return [archived(subject)];
    const fate = fates.get(digest);
    return fate === undefined || isFarOff(fate) ? [] : [threatened(subject, fate, { policy: facts.policy, now })];
  });
}

interface Wanted {
  readonly because: string[];
  readonly tags: string[];
}

/** The same digest may run in several environments. */
function merge(images: readonly ProtectedImage[]): ReadonlyMap<Digest, Wanted> {
  const merged = new Map<Digest, Wanted>();
  for (const { digest, because, tagsToBe = [] } of images) {
    const own = merged.get(digest) ?? { because: [], tags: [] };
    if (!own.because.includes(because)) own.because.push(because);
    own.tags.push(...tagsToBe);
    merged.set(digest, own);
  }
  return merged;
}

function isFarOff(fate: Fate): boolean {
  return fate.pushesLeft !== undefined && fate.pushesLeft >= fewPushes;
}

interface Subject {
  readonly repository: string;
  readonly repo: TagReader;
  readonly digest: Digest;
  readonly because: readonly string[];
  readonly tags: readonly string[];
}

function gone(subject: Subject): LifecycleWarning {
  return {
    ...plain(subject, "gone"),
    text: `${nameOf(subject)} is no longer in ${subject.repository}: it was expired or deleted`,
    next: ["threads status"],
    advice: ["deploy a release whose images are all there"],
  };
}

function archived(subject: Subject): LifecycleWarning {
  const image = `--repository-name ${subject.repository} --image-id imageDigest=${subject.digest}`;
  return {
    ...plain(subject, "archived"),
    text: `${nameOf(subject)} lies in the archive of ${subject.repository}: a host cannot pull it, and a restore takes up to 20 minutes`,
    next: [`aws ecr update-image-storage-class ${image} --target-storage-class STANDARD`],
    advice: [],
  };
}

function plain(
  { repository, digest, because }: Subject,
  kind: "gone" | "archived",
): Omit<LifecycleWarning, "text" | keyof Next> {
  return { repository, digest, because, kind, urgent: true, at: undefined, pushesLeft: undefined, rule: undefined };
}

function threatened(
  subject: Subject,
  fate: Fate,
  { policy, now }: { readonly policy: LifecyclePolicy; readonly now: number },
): LifecycleWarning {
  const { rulePriority, selection } = fate.rule;
  const rule = `rule ${rulePriority} of ${subject.repository} (${selectionText(selection)})`;
  return {
    repository: subject.repository,
    digest: subject.digest,
    because: subject.because,
    kind: fate.action,
    urgent: fate.at !== undefined && fate.at - now <= urgentDays * day,
    at: fate.at === undefined ? undefined : new Date(fate.at).toISOString(),
    pushesLeft: fate.pushesLeft,
    rule: rulePriority,
    text: `${nameOf(subject)} ${fate.action === "expire" ? "expires" : "goes to the archive"} ${whenText(fate, now)}: ${rule}${blindRule(subject, fate, policy)}`,
    ...remedy(subject, fate, policy),
  };
}

function whenText(fate: Fate, now: number): string {
  if (fate.at === undefined) {
    const pushes = (fate.pushesLeft ?? 0) + 1;
    return `after ${pushes === 1 ? "one more push" : `${pushes} more pushes`}`;
  }
  if (isDue(fate, now)) return "within 24 hours";
  const days = Math.ceil((fate.at - now) / day);
  const unless = fate.rule.selection.countType === "sinceImagePulled" ? " unless it is pulled" : "";
  return `in ${days === 1 ? "a day" : `${days} days`}${unless}`;
}

/** A promoted image is saved by rules in front; any other only by changing the rule that takes it. */
function remedy({ repository, repo, tags }: Subject, { rule }: Fate, policy: LifecyclePolicy): Next {
  const patterns = promotedPatterns(tags, repo);
  if (patterns.length === 0)
    return {
      next: [],
      advice: [
        `raise countNumber (now ${rule.selection.countNumber}) of rule ${rule.rulePriority} of ${repository}, or promote the release`,
      ],
    };
  const text = JSON.stringify(withSafeRules(policy, patterns));
  const args = ["ecr", "put-lifecycle-policy", "--repository-name", repository, "--lifecycle-policy-text", text];
  return { next: [commandText({ file: "aws", args })], advice: [] };
}

/** Beginnings of tags that every build carries: a rule that protects them would keep everything. */
const ofEveryBuild = new Set(["sha", "git", "commit", "tree"]);

/** A rule that was meant to keep it, but is written for tags without the service. */
function blindRule({ repo, tags }: Subject, { rule: taker }: Fate, { rules }: LifecyclePolicy): string {
  const labels = tags.flatMap((tag) => repo.labelOf(tag) ?? []);
  const blind = rules.find(
    ({ rulePriority, selection }) =>
      rulePriority < taker.rulePriority &&
      selection.tagStatus === "tagged" &&
      selectsTags(selection, labels) &&
      !selectsTags(selection, tags),
  );
  if (blind === undefined) return "";
  const { tagPatternList = [], tagPrefixList = [] } = blind.selection;
  const here = [...tagPatternList, ...tagPrefixList.map((prefix) => `${prefix}*`)].map((text) => repo.patternFor(text));
  const says = `rule ${blind.rulePriority} (${selectionText(blind.selection)})`;
  return `; ${says} does not keep it, since such tags are ${here.join(" and ")} here`;
}

/** `prod-*` for `prod-<sha>`, and `v*` for a version, as the layout's tags have it. */
function promotedPatterns(tags: readonly string[], repo: TagReader): string[] {
  const patterns = tags.flatMap((tag) => {
    const label = repo.labelOf(tag) ?? tag;
    const environment = /^(.+)-[0-9a-f]{40}$/.exec(label)?.[1];
    if (environment !== undefined && !ofEveryBuild.has(environment)) return [repo.patternFor(`${environment}-*`)];
    if (isSignatureTag(tag)) return [signaturePattern];
    return /^v\d+\.\d+/.test(label) ? [repo.patternFor("v*")] : [];
  });
  return [...new Set(patterns)];
}

/** The tag that says most: a promoted one, then any; with what the image is needed for. */
function nameOf({ tags, repo, digest, because }: Subject): string {
  const tag = tags.find((one) => promotedPatterns([one], repo).length > 0) ?? tags[0];
  const name = tag === undefined ? shortDigest(digest) : tag.replace(/([0-9a-f]{12})[0-9a-f]{28}(?![0-9a-f])/, "$1");
  return `${name} (${because.join(", ")})`;
}
